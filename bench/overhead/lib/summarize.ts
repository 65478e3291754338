import type { AppRun, RouteRun } from './measure-app.ts';
import { type Framework, type RouteName, ROUTES } from './routes.ts';
import { geometricMean, median, type Spread, spreadOf } from './statistics.ts';
import { NONE, OTEL_PLAIN, type Variant } from './variants.ts';

/** A variant on one framework, over all rounds. */
export interface Summary {
  readonly framework: Framework;
  readonly variant: Variant;
  readonly rounds: number;
  readonly routes: Readonly<Record<RouteName, RouteSummary>>;
  /** CPU time per request over that of `none` and of plain OpenTelemetry: the geometric mean of the routes. NaN without them. */
  readonly ratioToNone: number;
  readonly ratioToPlain: number;
  /** What each query after the first adds: (nplus1 − user) / 20, added microseconds. */
  readonly addedUsPerFurtherQuery: number;
  readonly startCpuMs: number;
  readonly rssBytes: number;
  /** Over all spans of all routes; NaN when it sends none. */
  readonly bytesPerSpan: number;
  /** More than 2 % fewer spans per request arrived in one round than in another. */
  readonly hasLostSpans: boolean;
}

export interface RouteSummary {
  readonly cpuUs: Spread;
  /** Paired: minus the same round's run of the variant that this one is paired with. */
  readonly addedUs: Spread;
  readonly spans: number;
}

const LOST_SHARE_MAX = 0.02;
const FURTHER_QUERIES = 20;

/** One summary for each framework and variant that ran. */
export function summarize(runs: readonly AppRun[], variants: readonly Variant[]): readonly Summary[] {
  const frameworks = [...new Set(runs.map(({ framework }) => framework))].toSorted();
  return frameworks.flatMap((framework) =>
    variants
      .map((variant) => ({
        variant,
        own: runs.filter((run) => run.framework === framework && run.variant === variant.name),
      }))
      .filter(({ own }) => own.length > 0)
      .map(({ variant, own }) => summaryOf(framework, variant, own, runs)),
  );
}

/** The run of another variant in the same round and on the same framework. */
export function pairOf(run: AppRun, variant: string, runs: readonly AppRun[]): AppRun | undefined {
  return runs.find(
    (other) => other.variant === variant && other.round === run.round && other.framework === run.framework,
  );
}

/** `value` of each run over that of its pair: one number per round in which both ran. */
export function ratios(
  own: readonly AppRun[],
  variant: string,
  runs: readonly AppRun[],
  value: (run: AppRun) => number,
): readonly number[] {
  return own.flatMap((run) => {
    const pair = pairOf(run, variant, runs);
    return pair === undefined ? [] : [value(run) / value(pair)];
  });
}

function summaryOf(framework: Framework, variant: Variant, own: readonly AppRun[], runs: readonly AppRun[]): Summary {
  const added = (value: (run: AppRun) => number): readonly number[] =>
    own.flatMap((run) => {
      const pair = variant.pairedWith === variant.name ? undefined : pairOf(run, variant.pairedWith, runs);
      return pair === undefined ? [] : [value(run) - value(pair)];
    });
  const allRoutes = (run: AppRun): number => geometricMean(ROUTES.map(({ name }) => run.routes[name].cpuUs));
  const sum = (value: (run: RouteRun) => number): number =>
    own.reduce((total, { routes }) => total + ROUTES.reduce((n, { name }) => n + weighed(routes[name], value), 0), 0);
  return {
    framework,
    variant,
    rounds: own.length,
    routes: Object.fromEntries(
      ROUTES.map(({ name }) => [
        name,
        {
          cpuUs: spreadOf(own.map(({ routes }) => routes[name].cpuUs)),
          addedUs: spreadOf(added(({ routes }) => routes[name].cpuUs)),
          spans: median(own.map(({ routes }) => routes[name].spans)),
        },
      ]),
    ) as Record<RouteName, RouteSummary>,
    ratioToNone: median(ratios(own, NONE, runs, allRoutes)),
    ratioToPlain: median(ratios(own, OTEL_PLAIN, runs, allRoutes)),
    addedUsPerFurtherQuery: median(added(({ routes }) => (routes.nplus1.cpuUs - routes.user.cpuUs) / FURTHER_QUERIES)),
    startCpuMs: median(own.map(({ startCpuMs }) => startCpuMs)),
    rssBytes: median(own.map(({ rssBytes }) => rssBytes)),
    bytesPerSpan: sum(({ traceBytes }) => traceBytes) / sum(({ spans }) => spans),
    hasLostSpans: variant.isSampling !== true && ROUTES.some(({ name }) => hasLost(own, name)),
  };
}

/** Figures are per request. */
function weighed(run: RouteRun, value: (run: RouteRun) => number): number {
  return value(run) * run.requests;
}

function hasLost(own: readonly AppRun[], route: RouteName): boolean {
  const spans = own.map(({ routes }) => routes[route].spans);
  return Math.min(...spans) < Math.max(...spans) * (1 - LOST_SHARE_MAX);
}
