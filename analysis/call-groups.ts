import type { CallGroup, DatabaseClient, LongCall } from '../core/types.ts';
import { CallBurst, type BurstCall } from './call-burst.ts';

export { MAX_TARGETS } from './call-burst.ts';

/** Shapes of calls kept per request; calls of further shapes are counted in `notGrouped`. */
export const MAX_CALL_GROUPS = 64;
/** Long HTTP calls kept per request. */
export const MAX_LONG_CALLS = 64;
/** The gap between two bursts where no threshold says another. */
const CALL_GAP_MAX_MS = 1000;

/** One HTTP request or key-value command as it ended. Times are milliseconds from the start of the request. */
export interface CallEvent extends BurstCall {
  readonly type: 'http' | 'kv';
  readonly system: string;
  readonly shape: string;
  readonly name: string;
  /** The HTTP method, or the command. */
  readonly method: string;
  /** Keyed hash of what the call asks for: the whole URL, the key. Never leaves the process. */
  readonly targetHash: number;
  /** Keyed hash of what tells calls of one shape apart: the prefix of a key. Never leaves the process. 0 if not given. */
  readonly patternHash?: number;
  readonly client: DatabaseClient | undefined;
}

/**
 * Groups the calls of one request to other services while they end: O(1) per call, bounded. A group tells of its largest
 * burst: calls that each start at most `callGapMaxMs` after another one has started or ended.
 */
export class CallGroups {
  readonly #longCallMinMs: number;
  readonly #callGapMaxMs: number;
  readonly #groups = new Map<string, CallGroupBuilder>();
  readonly longCalls: LongCall[] = [];
  notGrouped = 0;

  constructor(longCallMinMs: number, callGapMaxMs: number = CALL_GAP_MAX_MS) {
    this.#longCallMinMs = longCallMinMs;
    this.#callGapMaxMs = callGapMaxMs;
  }

  add(call: CallEvent): void {
    const place = this.#addToGroup(call);
    if (place === -1) this.notGrouped++;
    if (call.type !== 'http' || call.durationMs < this.#longCallMinMs || this.longCalls.length >= MAX_LONG_CALLS)
      return;
    const { spanId, method, startMs, durationMs } = call;
    this.longCalls.push({ spanId, group: place, method, startMs, durationMs });
  }

  toGroups(): readonly CallGroup[] {
    return Array.from(this.#groups.values(), (group) => group.build());
  }

  /** The place of the call's group; -1 when there is none. */
  #addToGroup(call: CallEvent): number {
    const key = `${call.system}\n${call.shape}\n${call.patternHash ?? 0}`;
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.add(call, this.#callGapMaxMs);
      return known.place;
    }
    if (this.#groups.size >= MAX_CALL_GROUPS) return -1;
    const group = new CallGroupBuilder(call, this.#groups.size);
    this.#groups.set(key, group);
    return group.place;
  }
}

class CallGroupBuilder {
  readonly place: number;
  readonly #first: CallEvent;
  #current: CallBurst;
  /** The largest burst that is over; `undefined` while there was only one. */
  #largest: CallBurst | undefined;

  constructor(call: CallEvent, place: number) {
    this.#first = call;
    this.place = place;
    this.#current = new CallBurst(call);
  }

  add(call: CallEvent, gapMs: number): void {
    if (this.#current.reaches(call.startMs, gapMs)) this.#current.add(call);
    else if (call.startMs > this.#current.lastStartMs) {
      this.#largest = this.#largestBurst;
      this.#current = new CallBurst(call);
    }
    // It started in an earlier burst and ended late: it joins that one if that one was kept.
    else if (this.#largest?.reaches(call.startMs, gapMs)) this.#largest.add(call);
  }

  build(): CallGroup {
    const { type, system, shape, name, client } = this.#first;
    return { type, system, shape, name, ...this.#largestBurst.toSummary(), client, callSite: undefined };
  }

  get #largestBurst(): CallBurst {
    const [largest, current] = [this.#largest, this.#current];
    if (largest === undefined || current.count > largest.count) return current;
    return current.count === largest.count && current.totalMs > largest.totalMs ? current : largest;
  }
}
