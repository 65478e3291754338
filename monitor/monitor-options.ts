import type { Clock } from '../core/clock.ts';
import { SetupError } from '../core/setup-error.ts';

/** Endpoints with statistics of their own; the requests of further ones are counted as `(other)`. */
export const MAX_ENDPOINTS = 1000;
/** Query shapes with statistics of their own; the queries of further ones are counted as `(other)`. */
export const MAX_QUERIES = 5000;
/** A request is slow from this many milliseconds on. */
export const SLOW_REQUEST_MIN_MS = 1000;

export interface PerformanceMonitorOptions {
  readonly clock?: Clock;
  /** A whole number from 1; 1000 if not given. */
  readonly maxEndpoints?: number;
  /** Query shapes: a whole number from 1; 5000 if not given. */
  readonly maxQueries?: number;
  /** Milliseconds from 0; 1000 if not given. */
  readonly slowRequestMinMs?: number;
}

/** Throws unless the options can be used: SetupError SLOWPATH_MONITOR_OPTIONS, naming every one that is out of range. */
export function checkMonitorOptions(options: Required<Omit<PerformanceMonitorOptions, 'clock'>>): void {
  const problems = [
    ...countProblem('maxEndpoints', options.maxEndpoints, MAX_ENDPOINTS),
    ...countProblem('maxQueries', options.maxQueries, MAX_QUERIES),
  ];
  const { slowRequestMinMs } = options;
  if (!(slowRequestMinMs >= 0 && slowRequestMinMs < Infinity)) {
    problems.push(
      `slowRequestMinMs ${slowRequestMinMs} is not a number of milliseconds from 0; the default is ${SLOW_REQUEST_MIN_MS}.`,
    );
  }
  if (problems.length > 0)
    throw new SetupError('SLOWPATH_MONITOR_OPTIONS', `PerformanceMonitor: ${problems.join(' ')}`);
}

function countProblem(name: string, value: number, defaultValue: number): readonly string[] {
  if (Number.isSafeInteger(value) && value >= 1) return [];
  return [`${name} ${value} is not a whole number from 1; the default is ${defaultValue}.`];
}
