import type { PatternCounts } from './pattern-counts.ts';
import type { TagState } from './tag-clock.ts';

/** Later than every time on the logical clock, and still a small integer to V8. */
const ALWAYS = 2 ** 31 - 1;

/** What an entry is made of. Times are those of the cache's `EntryClock`. */
export interface EntryParts {
  readonly value: unknown;
  /** How long it is fresh, milliseconds. */
  readonly freshMs: number;
  /** How long after that it may be served. */
  readonly staleMs: number;
  /** Logical time at which its computation started: see `TagClock`. */
  readonly epoch: number;
  readonly tags: readonly TagState[];
  readonly counts: PatternCounts;
  /** How long its computation took; 0 when nobody told. */
  readonly computeMs: number;
}

/**
 * A value in the first tier. What a hit reads stands first, in whole numbers: it shares a line of the processor's cache, and no
 * number is an object of its own.
 */
export class CacheEntry {
  readonly value: unknown;
  /** Fresh until then; 0 for an error that is remembered, which is never served as a value. */
  readonly expiresAtMs: number;
  /** Logical time at which none of its tags had been invalidated since `epoch`: see `TagClock.holds`. Always, without tags. */
  provenAt: number;
  readonly counts: PatternCounts;
  /** Microseconds. */
  readonly computeUs: number;
  readonly tags: readonly TagState[] | undefined;
  /** Never served after this; equal to `expiresAtMs` where no stale value may be. Of an error: remembered until then. */
  readonly staleUntilMs: number;
  readonly epoch: number;
  /** The value is an error that is remembered for a while. */
  readonly isError: boolean;
  /** After a refresh has failed, the next one waits until then. */
  refreshNotBeforeMs = 0;

  constructor({ value, freshMs, staleMs, epoch, tags, counts, computeMs }: EntryParts, nowMs: number, isError = false) {
    const untilMs = nowMs + Math.ceil(freshMs);
    this.value = value;
    this.expiresAtMs = isError ? 0 : untilMs;
    this.provenAt = tags.length === 0 ? ALWAYS : epoch;
    this.counts = counts;
    this.computeUs = Math.round(1000 * computeMs);
    this.tags = tags.length === 0 ? undefined : tags;
    this.staleUntilMs = untilMs + Math.ceil(staleMs);
    this.epoch = epoch;
    this.isError = isError;
  }

  get computeMs(): number {
    return this.computeUs / 1000;
  }
}
