import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import { asOwnTable } from './own-table.ts';
import type { WindowCount } from './store.ts';

/** Counters in fixed windows of time, of this process alone. The one that was used least recently makes room for another. */
export class WindowCounters {
  readonly #clock: Clock;
  readonly #windows: LRUCache<string, { count: number; readonly endsAtMs: number }>;

  constructor(clock: Clock, maxCounters: number) {
    this.#clock = clock;
    this.#windows = asOwnTable(new LRUCache({ max: maxCounters }));
  }

  /** Counts one more. The window starts with its first increment. */
  increment(key: string, windowMs: number): WindowCount {
    const nowMs = this.#clock.nowMs();
    const open = this.#windows.get(key);
    if (open !== undefined && nowMs < open.endsAtMs) return { count: ++open.count, resetMs: open.endsAtMs - nowMs };
    this.#windows.set(key, { count: 1, endsAtMs: nowMs + windowMs });
    return { count: 1, resetMs: windowMs };
  }

  clear(): void {
    this.#windows.clear();
  }
}
