import type { AppRun } from '../../bench/overhead/lib/measure-app.ts';
import type { RouteName } from '../../bench/overhead/lib/routes.ts';

/** A run of the Express application as the benchmark measures it, from the CPU time of each route, microseconds per request. */
export function appRun(
  variant: string,
  round: number,
  cpuUs: Readonly<Record<RouteName, number>>,
  rest: { readonly spans?: number; readonly framework?: AppRun['framework'] } = {},
): AppRun {
  const route = (name: RouteName) => {
    const spans = rest.spans ?? 0;
    return { requests: 10, cpuUs: cpuUs[name], spans, traceBytes: 200 * spans, bodyBytes: 1, requestsPerSecond: 1 };
  };
  return {
    framework: rest.framework ?? 'express',
    variant,
    round,
    startCpuMs: 100,
    startMs: 100,
    rssBytes: 100e6,
    loadAverage: 1,
    routes: { healthz: route('healthz'), user: route('user'), meetings: route('meetings'), nplus1: route('nplus1') },
  };
}

/** The same CPU time for all routes. */
export const everywhere = (cpuUs: number): Readonly<Record<RouteName, number>> => ({
  healthz: cpuUs,
  user: cpuUs,
  meetings: cpuUs,
  nplus1: cpuUs,
});
