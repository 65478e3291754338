import { registerCache, type CacheSource } from '../../cache/cache-registry.ts';
import type { CacheInvalidationUse } from '../../cache/cache-source.ts';
import { PatternTable, UNREGISTERED, type PatternCounts } from '../../cache/pattern-counts.ts';
import { computeMsAvgOf, type CachePatternUse } from '../../core/cache-pattern-use.ts';
import type { CacheResult } from '../../core/cache-result.ts';
import { kindOfKey } from '../../core/kind-of-key.ts';
import type { LiveRequest } from '../../request/live-request.ts';

/** What is counted of the caches of a library, under one name, as if they were one cache of ours. */
export class ForeignCache implements CacheSource {
  readonly cacheName: string;
  readonly #patterns: PatternTable;
  readonly #invalidations = { key: 0, tag: 0, clear: 0 };
  readonly #unregister: () => void;

  constructor(cacheName: string) {
    this.cacheName = cacheName;
    this.#patterns = new PatternTable(cacheName);
    this.#unregister = registerCache(this);
  }

  /** The counts of a key's kind: `user:?` of `user:42`. Nothing else of a key is kept or told. */
  countsOf(key: unknown): PatternCounts {
    const kind = typeof key === 'string' ? kindOfKey(key) : undefined;
    return this.#patterns.of(kind === undefined ? UNREGISTERED : `${kind}:?`);
  }

  /** Counts a look-up, here and on the request that made it. How long the value will be fresh is not known. */
  addLookup(counts: PatternCounts, result: CacheResult, request: LiveRequest | undefined): void {
    counts.addLookup(result);
    const isHit = result === 'hit' || result === 'stale';
    const savedMs = isHit ? (computeMsAvgOf(counts) ?? 0) : 0;
    counts.savedUs += 1000 * savedMs;
    request?.addCacheLookup(result, savedMs, Infinity);
  }

  /** Counts a computation. `request`: whoever waited for it; `undefined` for one in the background. */
  addCompute(counts: PatternCounts, durationMs: number, failed: boolean, request: LiveRequest | undefined): void {
    counts.computeDurations.record(durationMs / 1000);
    if (failed) counts.computeErrors++;
    request?.addCacheCompute(durationMs);
  }

  addInvalidation(kind: CacheInvalidationUse['kind']): void {
    this.#invalidations[kind]++;
  }

  patternUses(): readonly CachePatternUse[] {
    return this.#patterns.all().map((counts) => ({ ...counts, savedMs: counts.savedMs, lossesUnknown: true }));
  }

  /** Nobody tells. */
  entryCounts(): undefined {
    return undefined;
  }

  invalidationUses(): readonly CacheInvalidationUse[] {
    const { cacheName } = this;
    const kinds = ['key', 'tag', 'clear'] as const;
    return kinds
      .map((kind) => ({ cacheName, kind, count: this.#invalidations[kind] }))
      .filter(({ count }) => count > 0);
  }

  dispose(): void {
    this.#unregister();
  }
}
