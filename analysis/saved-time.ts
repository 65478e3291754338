import type { SavedMs } from '../core/finding.ts';
import type { QueryGroup, RequestRecord } from '../core/types.ts';
import { wallMsOf } from './finding-parts.ts';

/** The share of the work per row that is left in a batch, when all rows are found together. */
const WORK_LEFT_LEAST = 0.3;
/** Milliseconds that each row of a batch costs on its way. */
const MS_PER_ROW = 0.01;
/** Round trips within a data centre take no longer; what a query takes beyond it may be work. */
const ROUND_TRIP_MS_MAX = 5;

/** What a fix would take off the duration of the request, and how that was computed. */
export interface SavedTime {
  readonly savedMs: SavedMs;
  /** The formula with its numbers. */
  readonly estimate: string;
}

/**
 * Estimates what is saved when one query does the work of the whole group: `n` queries of `mean` ms.
 *
 * One query for all rows takes `p + n·(mean − p)·f + 0.01·n`: the round trip `p` once, and the share `f` of the work that
 * each repeat did beyond it.
 *
 * - At the most is saved when all that the fastest repeat took was round trip, and `f` is 0.3: the rows are found together.
 * - At the least is saved when `f` is 1, each row is looked up as before, and the round trip took no longer than the fastest
 *   query of the request to the same database did, nor longer than 5 ms: the fastest repeat may have worked, too.
 *
 * What runs at the same time counts once, in what it takes now; where nobody told when the queries started, they are taken
 * to have run one after the other.
 */
export function savedByBatching(group: QueryGroup, request: RequestRecord): SavedTime {
  const { count, totalMs, durationMsMin } = group;
  const nowMs = wallMsOf(group, request);
  const meanMs = totalMs / count;
  const batch = (tripMs: number, share: number) => {
    // A mean of equal numbers may come out a little below them.
    const workMs = Math.max(0, meanMs - tripMs);
    const batchedMs = tripMs + count * workMs * share + count * MS_PER_ROW;
    return { savedMs: Math.max(0, nowMs - batchedMs), terms: `${tripMs.toFixed(1)} + ${count} × ${workMs.toFixed(1)}` };
  };
  const least = batch(Math.min(ROUND_TRIP_MS_MAX, fastestMs(group, request)), 1);
  const most = batch(durationMsMin, WORK_LEFT_LEAST);
  const held = nowMs < 0.9 * totalMs ? `; now they hold connections for ${totalMs.toFixed(1)} ms in all` : '';
  return {
    savedMs: [Math.min(least.savedMs, most.savedMs), most.savedMs],
    estimate:
      `${nowMs.toFixed(1)} ms now; batched at the best ${most.terms} × 0.3 ms, at the worst ${least.terms} ms, ` +
      `and ${count} × 0.01 ms${held}`,
  };
}

/** Milliseconds of the fastest query of the request to the same database. */
function fastestMs({ system, namespace, durationMsMin }: QueryGroup, { groups }: RequestRecord): number {
  let leastMs = durationMsMin;
  for (const group of groups)
    if (group.system === system && group.namespace === namespace) leastMs = Math.min(leastMs, group.durationMsMin);
  return leastMs;
}

/** Queries of a group that ask again for what was asked for already. */
export interface Repeats {
  readonly group: QueryGroup;
  /** All that repeat, the first of each set of values included. */
  readonly count: number;
  readonly setCount: number;
  readonly totalMs: number;
  /** Without the first of each set. */
  readonly repeatMs: number;
}

/**
 * Estimates what is saved when each set of values is asked for once: at the most what the repeats took, at the least what
 * they would have taken had each been as fast as the fastest. What ran at the same time saves only what it held up.
 */
export function savedByAskingOnce(repeats: Repeats, request: RequestRecord): SavedTime {
  const { group, count, setCount, totalMs, repeatMs } = repeats;
  const nowMs = wallShareMs(group, totalMs, request);
  const onceMs = totalMs - repeatMs;
  const high = Math.max(0, nowMs - onceMs);
  return {
    savedMs: [Math.min(high, (count - setCount) * group.durationMsMin), high],
    estimate: `${nowMs.toFixed(1)} ms now, ${onceMs.toFixed(1)} ms asked for once`,
  };
}

/** The part of the time that the group held the request which falls to queries of it that took `partMs`. */
export function wallShareMs(group: QueryGroup, partMs: number, request: RequestRecord): number {
  return group.totalMs === 0 ? 0 : wallMsOf(group, request) * (partMs / group.totalMs);
}
