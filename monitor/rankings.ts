import type { DurationStatistics } from './statistics.ts';

/** Most time first; equal ones by name, so that the order is the same on every run. */
export function byTotalTime<T extends DurationStatistics>(nameOf: (one: T) => string): (a: T, b: T) => number {
  return (a, b) => b.totalMs - a.totalMs || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** The highest 95th percentile first; equal ones stay in their order. */
export function byDurationP95<T extends DurationStatistics>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (b.durationMsP95 ?? 0) - (a.durationMsP95 ?? 0));
}
