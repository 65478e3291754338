import type { CachePatternUse } from '../core/cache-pattern-use.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { BoundedSums } from './bounded-sums.ts';
import type { CacheEntryCounts, CacheInvalidationUse, CacheOperationUse, CacheSource } from './cache-source.ts';
import { invalidationUses, operationUses, patternUses, sumOfEntries, sumOfHistograms } from './sum-of-uses.ts';

export type { CacheSource } from './cache-source.ts';

/** Caches that can be registered at once; further ones are counted, and nothing is told of them. */
export const MAX_CACHES = 200;
/** Patterns, kinds of invalidation and operations of caches that are gone, each; further ones are added up as `(other)`. */
export const MAX_RETIRED = 1000;

/** What all caches of the process have done since it started. */
export interface CacheReading {
  /** One for each cache name and pattern. */
  readonly patterns: readonly CachePatternUse[];
  readonly invalidations: readonly CacheInvalidationUse[];
  readonly operations: readonly CacheOperationUse[];
  /** Of the caches that are there, by their names. */
  readonly entries: ReadonlyMap<string, CacheEntryCounts>;
  /** Caches beyond the limit. */
  readonly cachesNotRegistered: number;
}

/** The caches of a process, and what is left of those that were disposed: what they counted is never taken back. */
export class CacheRegistry {
  readonly #clock: Clock;
  /** When each was registered, milliseconds. */
  readonly #sources = new Map<CacheSource, number>();
  readonly #retired = new Sums(MAX_RETIRED);
  #notRegistered = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Returns the way back: the cache is asked a last time, and then forgotten. */
  register(source: CacheSource): () => void {
    if (this.#sources.size >= MAX_CACHES) {
      this.#notRegistered++;
      return () => undefined;
    }
    this.#sources.set(source, this.#clock.nowMs());
    return () => {
      const sinceMs = this.#sources.get(source);
      if (sinceMs === undefined) return;
      this.#sources.delete(source);
      this.#retired.addLast(source, this.#clock.nowMs() - sinceMs);
    };
  }

  /** Asks every cache. `onFault` takes what one of them threw: it is then missing from this reading. */
  read(onFault: (thrown: unknown) => void): CacheReading {
    const sums = new Sums(Infinity);
    const entries = new Map<string, CacheEntryCounts>();
    sums.addSums(this.#retired);
    for (const [source, sinceMs] of this.#sources) {
      try {
        const counts = source.entryCounts();
        sums.add(source, this.#clock.nowMs() - sinceMs);
        const before = entries.get(source.cacheName);
        entries.set(source.cacheName, before === undefined ? counts : sumOfEntries(before, counts));
      } catch (thrown) {
        onFault(thrown);
      }
    }
    return { ...sums.toLists(), entries, cachesNotRegistered: this.#notRegistered };
  }
}

/** Where every copy of slowpath in the process finds the one registry: a bundle brings a copy of its own. */
const REGISTRY = Symbol.for('slowpath.caches');

/** The registry of this process. */
export function cacheRegistry(): CacheRegistry {
  return ((globalThis as { [REGISTRY]?: CacheRegistry })[REGISTRY] ??= new CacheRegistry());
}

/** Lets metrics, findings and reports tell of a cache until the returned function is called. */
export function registerCache(source: CacheSource): () => void {
  return cacheRegistry().register(source);
}

/** What caches tell, added up by name. */
class Sums {
  readonly #patterns: BoundedSums<CachePatternUse>;
  readonly #invalidations: BoundedSums<CacheInvalidationUse>;
  readonly #operations: BoundedSums<CacheOperationUse>;

  constructor(max: number) {
    this.#patterns = new BoundedSums(patternUses, max);
    this.#invalidations = new BoundedSums(invalidationUses, max);
    this.#operations = new BoundedSums(operationUses, max);
  }

  /** All of it or, should the cache throw, nothing. */
  add(source: CacheSource, ageMs: number): void {
    const patterns = source.patternUses();
    const invalidations = source.invalidationUses?.() ?? [];
    const operations = source.operationUses?.() ?? [];
    for (const use of patterns) this.#patterns.add({ observedMs: ageMs, ...use });
    for (const use of invalidations) this.#invalidations.add(use);
    for (const use of operations) this.#operations.add(use);
  }

  /** The same for a cache that is gone: its histograms are copied, for it may go on counting. */
  addLast(source: CacheSource, ageMs: number): void {
    const last = new Sums(Infinity);
    last.add(source, ageMs);
    const { patterns, invalidations, operations } = last.toLists();
    for (const use of patterns) this.#patterns.add({ ...use, computeDurations: sumOfHistograms(use.computeDurations) });
    for (const use of invalidations) this.#invalidations.add(use);
    for (const use of operations) this.#operations.add({ ...use, durations: sumOfHistograms(use.durations) });
  }

  addSums(other: Sums): void {
    for (const use of other.#patterns.values()) this.#patterns.add(use);
    for (const use of other.#invalidations.values()) this.#invalidations.add(use);
    for (const use of other.#operations.values()) this.#operations.add(use);
  }

  toLists(): Pick<CacheReading, 'patterns' | 'invalidations' | 'operations'> {
    return {
      patterns: [...this.#patterns.values()],
      invalidations: [...this.#invalidations.values()],
      operations: [...this.#operations.values()],
    };
  }
}
