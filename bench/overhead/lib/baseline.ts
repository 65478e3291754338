import type { AppRun } from './measure-app.ts';
import { FRAMEWORKS, type RouteName, ROUTES } from './routes.ts';
import { median } from './statistics.ts';
import { ratios } from './summarize.ts';
import { NONE, OTEL_PLAIN, SLOWPATH_AUTO, SLOWPATH_LEAN } from './variants.ts';

/** CPU time per request of one variant over that of another, by route: the median of the rounds. */
type Ratios = Readonly<Record<RouteName, number>>;

/** `bench/baseline.json`: ratios by framework, then by `variant/other`. A ratio moves from machine to machine less than a time. */
export interface Baseline {
  readonly schemaVersion: 1;
  readonly node: string;
  readonly ratios: Readonly<Record<string, Readonly<Record<string, Ratios>>>>;
}

/** One ratio beside the baseline's. */
export interface Comparison {
  /** `express user slowpath-lean/none`. */
  readonly name: string;
  readonly measured: number;
  /** Undefined: the baseline does not have it. */
  readonly expected: number | undefined;
  readonly isWorse: boolean;
}

/** By how much a ratio may be worse than the baseline's. */
export const WORSE_SHARE_MAX = 0.3;

/** The ratios of what ran. */
export function baselineOf(runs: readonly AppRun[], node: string): Baseline {
  const all = FRAMEWORKS.map((framework) => {
    const pairs = [SLOWPATH_AUTO, SLOWPATH_LEAN].flatMap((variant) => {
      const own = runs.filter((run) => run.framework === framework && run.variant === variant);
      return own.length === 0
        ? []
        : [NONE, OTEL_PLAIN].map((other) => [`${variant}/${other}`, ratiosOf(own, other, runs)] as const);
    });
    return [framework, Object.fromEntries(pairs)] as const;
  });
  return {
    schemaVersion: 1,
    node,
    ratios: Object.fromEntries(all.filter(([, pairs]) => Object.keys(pairs).length > 0)),
  };
}

/** Every measured ratio beside that of the baseline. */
export function compareWithBaseline(measured: Baseline, baseline: Baseline): readonly Comparison[] {
  return Object.entries(measured.ratios).flatMap(([framework, pairs]) =>
    Object.entries(pairs).flatMap(([pair, own]) =>
      ROUTES.map(({ name }) => {
        const expected = baseline.ratios[framework]?.[pair]?.[name];
        return {
          name: `${framework} ${name} ${pair}`,
          measured: own[name],
          expected,
          // Written so that NaN, of a route that nothing was measured of, is worse.
          isWorse: expected !== undefined && !(own[name] <= expected * (1 + WORSE_SHARE_MAX)),
        };
      }),
    ),
  );
}

function ratiosOf(own: readonly AppRun[], other: string, runs: readonly AppRun[]): Ratios {
  const ofRoute = (name: RouteName): number => {
    const ratio = median(ratios(own, other, runs, ({ routes }) => routes[name].cpuUs));
    return Math.round(ratio * 100) / 100;
  };
  return Object.fromEntries(ROUTES.map(({ name }) => [name, ofRoute(name)])) as Record<RouteName, number>;
}
