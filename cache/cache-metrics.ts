import type { CachePatternUse } from '../core/cache-pattern-use.ts';
import type { CacheResult } from '../core/cache-result.ts';
import {
  ATTR_CACHE_ENTRY_STATE,
  ATTR_CACHE_EVICTION_REASON,
  ATTR_CACHE_INVALIDATION_KIND,
  ATTR_CACHE_KEY_PATTERN,
  ATTR_CACHE_NAME,
  ATTR_CACHE_OPERATION,
  ATTR_CACHE_RESULT,
  ATTR_CACHE_TAG_PATTERN,
  ATTR_CACHE_TIER,
  ATTR_ERROR_TYPE,
  METRIC_CACHE_COMPUTE_DURATION,
  METRIC_CACHE_DISCARDED_STORES,
  METRIC_CACHE_ENTRY_COUNT,
  METRIC_CACHE_EVICTIONS,
  METRIC_CACHE_INVALIDATIONS,
  METRIC_CACHE_OPERATION_DURATION,
  METRIC_CACHE_REQUESTS,
  METRIC_CACHE_SIZE,
} from '../core/semconv.ts';
import { MAX_SERIES } from '../monitor/metric-store.ts';
import type { MetricFamily, MetricSource } from '../monitor/metric-store-series.ts';
import type { CacheReading, CacheRegistry } from './cache-registry.ts';
import type { CacheEntryCounts } from './cache-source.ts';
import { amountSeries, countSeries, durationSeries } from './read-series.ts';

export interface CacheMetricsOptions {
  readonly registry: Pick<CacheRegistry, 'read'>;
  /** Takes what a cache threw. */
  readonly onFault: (thrown: unknown) => void;
  /** A whole number from 1; 1000 if not given. */
  readonly maxSeries?: number;
}

/**
 * The metrics of all caches of the process. They are read from the caches' own counts when metrics are collected: a look-up costs
 * nothing for them, and no cache is walked through.
 */
export class CacheMetrics implements MetricSource {
  readonly #registry: Pick<CacheRegistry, 'read'>;
  readonly #onFault: (thrown: unknown) => void;
  readonly #requests;
  readonly #computeDurations;
  readonly #operationDurations;
  readonly #evictions;
  readonly #invalidations;
  readonly #discardedStores;
  readonly #entries;
  readonly #bytes;

  constructor({ registry, onFault, maxSeries = MAX_SERIES }: CacheMetricsOptions) {
    this.#registry = registry;
    this.#onFault = onFault;
    this.#requests = countSeries(maxSeries);
    this.#computeDurations = durationSeries(maxSeries);
    this.#operationDurations = durationSeries(maxSeries);
    this.#evictions = countSeries(maxSeries);
    this.#invalidations = countSeries(maxSeries);
    this.#discardedStores = countSeries(maxSeries);
    this.#entries = amountSeries(maxSeries);
    this.#bytes = amountSeries(maxSeries);
  }

  families(): readonly MetricFamily[] {
    this.#read(this.#registry.read(this.#onFault));
    return [
      {
        kind: 'counter',
        name: METRIC_CACHE_REQUESTS,
        description: 'Look-ups in caches.',
        unit: '{request}',
        series: this.#requests.table,
      },
      {
        kind: 'histogram',
        name: METRIC_CACHE_COMPUTE_DURATION,
        description: 'Duration of the computations that fill caches.',
        unit: 's',
        series: this.#computeDurations.table,
      },
      {
        kind: 'histogram',
        name: METRIC_CACHE_OPERATION_DURATION,
        description: 'Duration of operations of second tiers.',
        unit: 's',
        series: this.#operationDurations.table,
      },
      {
        kind: 'counter',
        name: METRIC_CACHE_EVICTIONS,
        description: 'Entries that went for lack of room, or because their time was up.',
        unit: '{eviction}',
        series: this.#evictions.table,
      },
      {
        kind: 'counter',
        name: METRIC_CACHE_INVALIDATIONS,
        description: 'Calls that invalidated a key, a tag or everything.',
        unit: '{invalidation}',
        series: this.#invalidations.table,
      },
      {
        kind: 'counter',
        name: METRIC_CACHE_DISCARDED_STORES,
        description: 'Values that were invalidated while they were computed, and so not stored.',
        unit: '{entry}',
        series: this.#discardedStores.table,
      },
      {
        kind: 'upDownCounter',
        name: METRIC_CACHE_ENTRY_COUNT,
        description: 'Entries, as the last sweep found them.',
        unit: '{entry}',
        series: this.#entries.table,
      },
      {
        kind: 'upDownCounter',
        name: METRIC_CACHE_SIZE,
        description: 'Size of the entries of caches that are bounded in bytes.',
        unit: 'By',
        series: this.#bytes.table,
      },
    ];
  }

  #read({ patterns, invalidations, operations, entries }: CacheReading): void {
    for (const series of [this.#requests, this.#evictions, this.#invalidations, this.#discardedStores]) series.begin();
    for (const series of [this.#computeDurations, this.#operationDurations]) series.begin();
    for (const series of [this.#entries, this.#bytes]) series.begin();
    const evictions = new Map<string, { size: number; ttl: number }>();
    for (const use of patterns) {
      this.#readPattern(use);
      const sum = evictions.get(use.cacheName) ?? { size: 0, ttl: 0 };
      evictions.set(use.cacheName, { size: sum.size + use.evictions, ttl: sum.ttl + use.expirations });
    }
    for (const [cacheName, counts] of evictions) this.#readEvictions(cacheName, counts);
    for (const { cacheName, kind, tagPattern, count } of invalidations) {
      this.#invalidations.tell(count, {
        [ATTR_CACHE_NAME]: cacheName,
        [ATTR_CACHE_INVALIDATION_KIND]: kind,
        ...(tagPattern !== undefined && { [ATTR_CACHE_TAG_PATTERN]: tagPattern }),
      });
    }
    for (const { cacheName, operation, errorType, durations } of operations) {
      this.#operationDurations.tell(durations, {
        [ATTR_CACHE_NAME]: cacheName,
        [ATTR_CACHE_OPERATION]: operation,
        [ATTR_CACHE_TIER]: 'l2',
        ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
      });
    }
    // Of a cache that nobody has used yet, such as the one that is always there, nothing is told.
    for (const [cacheName, counts] of entries) if (evictions.has(cacheName)) this.#readEntries(cacheName, counts);
  }

  #readPattern(use: CachePatternUse): void {
    const named = { [ATTR_CACHE_NAME]: use.cacheName, [ATTR_CACHE_KEY_PATTERN]: use.pattern };
    const tell = (count: number, result: CacheResult, tier?: 'l1' | 'l2'): void =>
      this.#requests.tell(count, {
        ...named,
        [ATTR_CACHE_RESULT]: result,
        ...(tier !== undefined && { [ATTR_CACHE_TIER]: tier }),
      });
    // These two are there from the start: a rate of hits is then 0, and not missing, while nothing hits.
    tell(use.hits - use.secondTierHits, 'hit', 'l1');
    tell(use.misses, 'miss');
    if (use.secondTierHits > 0) tell(use.secondTierHits, 'hit', 'l2');
    if (use.staleHits > 0) tell(use.staleHits, 'stale');
    if (use.coalesced > 0) tell(use.coalesced, 'coalesced');
    if (use.bypassed > 0) tell(use.bypassed, 'bypass');
    if (use.errors > 0) tell(use.errors, 'error');
    if (use.computeDurations.count > 0) this.#computeDurations.tell(use.computeDurations, named);
    this.#discardedStores.tell(use.discardedStores, named);
  }

  #readEvictions(cacheName: string, counts: Readonly<Record<'size' | 'ttl', number>>): void {
    for (const reason of ['size', 'ttl'] as const)
      this.#evictions.tell(counts[reason], { [ATTR_CACHE_NAME]: cacheName, [ATTR_CACHE_EVICTION_REASON]: reason });
  }

  #readEntries(cacheName: string, { valid, expired, bytes }: CacheEntryCounts): void {
    this.#entries.tell(valid, { [ATTR_CACHE_NAME]: cacheName, [ATTR_CACHE_ENTRY_STATE]: 'valid' });
    this.#entries.tell(expired, { [ATTR_CACHE_NAME]: cacheName, [ATTR_CACHE_ENTRY_STATE]: 'expired' });
    if (bytes !== undefined) this.#bytes.tell(bytes, { [ATTR_CACHE_NAME]: cacheName });
  }
}
