export const FRAMEWORKS = ['express', 'fastify'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export type RouteName = 'healthz' | 'user' | 'meetings' | 'nplus1';

/** A route of both applications. */
export interface Route {
  readonly name: RouteName;
  readonly queries: number;
  /** The `n`th request's. The same in every run. */
  readonly path: (n: number) => string;
  /** Requests in a full run, measured; half as many before them warm up. */
  readonly requests: number;
}

export const USERS = 1000;

const userId = (n: number): number => 1 + ((n * 37) % USERS);

export const ROUTES: readonly Route[] = [
  { name: 'healthz', queries: 0, path: () => '/healthz', requests: 2400 },
  { name: 'user', queries: 1, path: (n) => `/users/${userId(n)}`, requests: 1600 },
  { name: 'meetings', queries: 3, path: (n) => `/users/${userId(n)}/meetings`, requests: 800 },
  { name: 'nplus1', queries: 21, path: () => '/meetings', requests: 240 },
];

/** How many requests a route gets at a scale (1: a full run): those before the measured ones, and the measured ones. */
export function requestCounts(route: Route, scale: number): { readonly warmUp: number; readonly measured: number } {
  const measured = Math.max(20, Math.round(route.requests * scale));
  return { warmUp: Math.max(WARM_UP_LEAST, Math.ceil(measured / 2)), measured };
}

/** Below it, functions of the request's path are still being compiled when the measuring begins. */
const WARM_UP_LEAST = 100;
