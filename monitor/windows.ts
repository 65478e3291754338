import { SetupError } from '../core/setup-error.ts';
import type { SliceLevel } from './sliced-counts.ts';
import type { StatisticsWindow } from './statistics.ts';

/** The slices of time that endpoints are counted in: 6 of 10 s, 5 of 1 min, 12 of 5 min. Each width divides the next. */
export const ENDPOINT_LEVELS: readonly SliceLevel[] = [
  { window: '1m', widthMs: 10_000, slots: 6 },
  { window: '5m', widthMs: 60_000, slots: 5 },
  { window: '1h', widthMs: 300_000, slots: 12 },
];

/** Those of query shapes, of which there are many more: 5 of 1 min. */
export const QUERY_LEVELS: readonly SliceLevel[] = [{ window: '5m', widthMs: 60_000, slots: 5 }];

const MEANINGS: Readonly<Record<StatisticsWindow, string>> = {
  '1m': 'the last minute',
  '5m': 'the last five minutes',
  '1h': 'the last hour',
  all: 'everything since the start or the last reset',
};

/** The windows that these levels can tell of. */
export function windowsOf(levels: readonly SliceLevel[]): readonly StatisticsWindow[] {
  return [...levels.map(({ window }) => window), 'all'];
}

/**
 * How long a window has been `elapsedMs` after the start, in milliseconds. It starts with a slice, and its last slice is the
 * one that is running: it is at most as long as its name says, and shorter by less than one slice.
 */
export function windowLengthMs(window: StatisticsWindow, levels: readonly SliceLevel[], elapsedMs: number): number {
  const level = levels.find((level) => level.window === window);
  if (level === undefined) return elapsedMs;
  const startMs = (Math.floor(elapsedMs / level.widthMs) - level.slots + 1) * level.widthMs;
  return elapsedMs - Math.max(0, startMs);
}

/** @throws {SetupError} SLOWPATH_STATISTICS_WINDOW if `window` is none of those that `levels` can tell of. */
export function checkWindow(window: string, levels: readonly SliceLevel[]): void {
  const accepted = windowsOf(levels);
  if ((accepted as readonly string[]).includes(window)) return;
  throw new SetupError(
    'SLOWPATH_STATISTICS_WINDOW',
    `There are no such statistics for the window '${window}'. Accepted: ` +
      `${accepted.map((name) => `'${name}' (${MEANINGS[name]})`).join(', ')}.`,
  );
}
