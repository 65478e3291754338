import type { CachePatternUse } from '../core/cache-pattern-use.ts';
import type { CacheResult } from '../core/cache-result.ts';
import { DurationHistogram } from '../core/duration-histogram.ts';

/** Patterns of one cache that are counted by name. */
export const MAX_PATTERNS = 200;
/** Keys that are plain strings. */
export const UNREGISTERED = '(unregistered)';
/** The keys of all patterns beyond the bound. */
export const OTHER_PATTERNS = '(other)';

/** What is done with the keys of one pattern, as it is counted. The object is the pattern's from the first use to the end. */
export class PatternCounts implements CachePatternUse {
  readonly cacheName: string;
  readonly pattern: string;
  readonly computeDurations = new DurationHistogram('s');
  hits = 0;
  staleHits = 0;
  misses = 0;
  coalesced = 0;
  bypassed = 0;
  errors = 0;
  secondTierHits = 0;
  sets = 0;
  evictions = 0;
  expirations = 0;
  invalidations = 0;
  discardedStores = 0;
  computeErrors = 0;
  savedUs = 0;

  constructor(cacheName: string, pattern: string) {
    this.cacheName = cacheName;
    this.pattern = pattern;
  }

  /** An estimate: what the values of all hits took to compute. */
  get savedMs(): number {
    return this.savedUs / 1000;
  }

  /** Counts a look-up that was not a fresh hit of the first tier: that one is counted where it happens. */
  addLookup(result: CacheResult): void {
    switch (result) {
      case 'hit':
        this.hits++;
        break;
      case 'stale':
        this.staleHits++;
        break;
      case 'miss':
        this.misses++;
        break;
      case 'coalesced':
        this.coalesced++;
        break;
      case 'bypass':
        this.bypassed++;
        break;
      case 'error':
        this.errors++;
        break;
    }
  }
}

/** The counts of a cache's patterns, and of all patterns beyond the bound together. */
export class PatternTable {
  readonly #cacheName: string;
  readonly #counts = new Map<string, PatternCounts>();
  #other: PatternCounts | undefined;

  constructor(cacheName: string) {
    this.#cacheName = cacheName;
  }

  of(pattern: string): PatternCounts {
    const known = this.#counts.get(pattern);
    if (known !== undefined) return known;
    if (this.#counts.size >= MAX_PATTERNS) return (this.#other ??= new PatternCounts(this.#cacheName, OTHER_PATTERNS));
    const made = new PatternCounts(this.#cacheName, pattern);
    this.#counts.set(pattern, made);
    return made;
  }

  all(): readonly PatternCounts[] {
    return [...this.#counts.values(), ...(this.#other === undefined ? [] : [this.#other])];
  }
}
