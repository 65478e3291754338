import { CacheEntry, type EntryParts } from './cache-entry.ts';
import { FIRST_TIER_TTL, type CheckedOptions } from './cache-options.ts';

/** How long the first tier may keep a value, in view of what this process hears of others. */
export class FirstTierReach {
  readonly #options: Pick<CheckedOptions, 'entryClock' | 'firstTierTtl' | 'store'>;
  readonly #isTold: () => boolean;

  /** `isTold`: whether the second tier tells this process of what others invalidate. */
  constructor(options: Pick<CheckedOptions, 'entryClock' | 'firstTierTtl' | 'store'>, isTold: () => boolean) {
    this.#options = options;
    this.#isTold = isTold;
  }

  /**
   * The entry of a value from now on: for a few seconds where nobody tells this process what others invalidate, its stale time
   * included. `isUnfenced`: the second tier could not be asked when it was computed, so nobody knows what it missed.
   */
  entryOf(parts: EntryParts, { isUnfenced = false, isError = false } = {}): CacheEntry {
    const { entryClock, firstTierTtl, store } = this.#options;
    const isUnbounded = store === undefined || (this.#isTold() && !isUnfenced);
    const maxMs = 1000 * (firstTierTtl ?? (isUnbounded ? Infinity : FIRST_TIER_TTL));
    const freshMs = Math.min(parts.freshMs, maxMs);
    const staleMs = Math.min(parts.staleMs, maxMs - freshMs);
    return new CacheEntry(maxMs === Infinity ? parts : { ...parts, freshMs, staleMs }, entryClock.nowMs(), isError);
  }
}
