import type { CachePatternUse } from '../core/cache-pattern-use.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { BoundedSums } from './bounded-sums.ts';
import type { CacheEntryCounts, CacheInvalidationUse, CacheOperationUse, CacheSource } from './cache-source.ts';
import {
  invalidationUses,
  operationUses,
  patternUses,
  sumOfEntries,
  sumOfHistograms,
  useAfter,
} from './sum-of-uses.ts';

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

/** What one cache told when it was asked. */
interface Told extends Pick<CacheReading, 'patterns' | 'invalidations' | 'operations'> {
  readonly entries: CacheEntryCounts | undefined;
}

interface Registered {
  /** On the registry's clock, milliseconds. */
  readonly sinceMs: number;
  /** Told again when the cache throws: what it counted must not be missing. */
  last: Told;
}

const NOTHING: Told = { patterns: [], invalidations: [], operations: [], entries: undefined };

/** The caches of a process, and what is left of those that were disposed: what they counted is never taken back. */
export class CacheRegistry {
  readonly #clock: Clock;
  readonly #sources = new Map<CacheSource, Registered>();
  readonly #retired = new Sums(MAX_RETIRED);
  #notRegistered = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Returns the way back: the cache is asked a last time, and then forgotten. It does not throw. */
  register(source: CacheSource): () => void {
    if (this.#sources.size >= MAX_CACHES) {
      this.#notRegistered++;
      return () => undefined;
    }
    const registered = { sinceMs: this.#clock.nowMs(), last: NOTHING };
    this.#sources.set(source, registered);
    return () => {
      if (this.#sources.get(source) !== registered) return;
      this.#sources.delete(source);
      this.#retired.addLast(this.#ask(source, registered, () => undefined));
    };
  }

  /** Asks every cache. `onFault` takes what one of them threw: what it told the last time stands for it. */
  read(onFault: (thrown: unknown) => void): CacheReading {
    const sums = new Sums(Infinity);
    const entries = new Map<string, CacheEntryCounts>();
    sums.addSums(this.#retired);
    for (const [source, registered] of this.#sources) {
      const told = this.#ask(source, registered, onFault);
      sums.add(told);
      if (told.entries === undefined) continue;
      const before = entries.get(source.cacheName);
      entries.set(source.cacheName, before === undefined ? told.entries : sumOfEntries(before, told.entries));
    }
    return { ...sums.toLists(), entries, cachesNotRegistered: this.#notRegistered };
  }

  #ask(source: CacheSource, registered: Registered, onFault: (thrown: unknown) => void): Told {
    try {
      const ageMs = this.#clock.nowMs() - registered.sinceMs;
      registered.last = {
        patterns: source.patternUses().map((use) => useAfter(use, ageMs)),
        invalidations: source.invalidationUses?.() ?? [],
        operations: source.operationUses?.() ?? [],
        entries: source.entryCounts(),
      };
    } catch (thrown) {
      onFault(thrown);
    }
    return registered.last;
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

  add({ patterns, invalidations, operations }: Told): void {
    for (const use of patterns) this.#patterns.add(use);
    for (const use of invalidations) this.#invalidations.add(use);
    for (const use of operations) this.#operations.add(use);
  }

  /** The same for a cache that is gone: its histograms are copied, for it may go on counting. */
  addLast({ patterns, invalidations, operations, entries }: Told): void {
    this.add({
      patterns: patterns.map((use) => ({ ...use, computeDurations: sumOfHistograms(use.computeDurations) })),
      invalidations,
      operations: operations.map((use) => ({ ...use, durations: sumOfHistograms(use.durations) })),
      entries,
    });
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
