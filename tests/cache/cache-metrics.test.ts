import { describe, expect, it } from 'vitest';
import { CacheMetrics } from '../../cache/cache-metrics.ts';
import { CacheRegistry, type CacheSource } from '../../cache/cache-registry.ts';
import type { CachePatternUse } from '../../core/cache-pattern-use.ts';
import { DurationHistogram } from '../../core/duration-histogram.ts';
import type { MetricFamily } from '../../monitor/metric-store-series.ts';
import { patternUse } from './pattern-use.ts';

const SETTINGS = { 'cache.name': 'default', 'cache.key_pattern': 'user:{userId}:settings' };

function fail(thrown: unknown): void {
  throw thrown;
}

function metricsOf(sources: readonly CacheSource[], maxSeries?: number): CacheMetrics {
  const registry = new CacheRegistry();
  for (const source of sources) registry.register(source);
  return new CacheMetrics({ registry, onFault: fail, ...(maxSeries !== undefined && { maxSeries }) });
}

function source(
  patterns: readonly CachePatternUse[],
  parts: Partial<CacheSource> & { readonly cacheName?: string } = {},
): CacheSource {
  return {
    cacheName: 'default',
    patternUses: () => patterns,
    entryCounts: () => ({ valid: 3, expired: 1 }),
    ...parts,
  };
}

function family(metrics: CacheMetrics, name: string): MetricFamily {
  const found = metrics.families().filter((candidate) => candidate.name === name);
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} metrics are called ${name}`);
  return found[0];
}

/** The series of a metric: what a histogram counted, or the value. */
function seriesOf(metrics: CacheMetrics, name: string): (readonly [object, number])[] {
  return [...family(metrics, name).series].map(({ attributes, value }) => [
    attributes,
    value instanceof DurationHistogram ? value.count : value,
  ]);
}

describe('the metrics of caches', () => {
  it('count look-ups by result, and hits by tier', () => {
    const metrics = metricsOf([
      source([
        patternUse({ hits: 10, secondTierHits: 3, staleHits: 2, misses: 4, coalesced: 5, bypassed: 6, errors: 1 }),
      ]),
    ]);
    expect(family(metrics, 'cache.requests')).toMatchObject({ kind: 'counter', unit: '{request}' });
    expect(seriesOf(metrics, 'cache.requests')).toEqual([
      [{ ...SETTINGS, 'cache.result': 'hit', 'cache.tier': 'l1' }, 7],
      [{ ...SETTINGS, 'cache.result': 'miss' }, 4],
      [{ ...SETTINGS, 'cache.result': 'hit', 'cache.tier': 'l2' }, 3],
      [{ ...SETTINGS, 'cache.result': 'stale' }, 2],
      [{ ...SETTINGS, 'cache.result': 'coalesced' }, 5],
      [{ ...SETTINGS, 'cache.result': 'bypass' }, 6],
      [{ ...SETTINGS, 'cache.result': 'error' }, 1],
    ]);
  });

  it('have hits and misses from the start, and other results once there are some', () => {
    expect(seriesOf(metricsOf([source([patternUse()])]), 'cache.requests')).toEqual([
      [{ ...SETTINGS, 'cache.result': 'hit', 'cache.tier': 'l1' }, 0],
      [{ ...SETTINGS, 'cache.result': 'miss' }, 0],
    ]);
  });

  it('hold the durations of computations and of second tiers, in seconds', () => {
    const durations = new DurationHistogram('s');
    durations.record(0.002);
    const operations = [
      { cacheName: 'default', operation: 'get', durations },
      { cacheName: 'default', operation: 'get', errorType: 'ETIMEDOUT', durations },
    ];
    const metrics = metricsOf([
      source([patternUse({ computeSeconds: [0.1, 0.3] })], { operationUses: () => operations }),
    ]);
    expect(family(metrics, 'cache.compute.duration')).toMatchObject({ kind: 'histogram', unit: 's' });
    expect(seriesOf(metrics, 'cache.compute.duration')).toEqual([[SETTINGS, 2]]);
    const l2 = { 'cache.name': 'default', 'cache.operation': 'get', 'cache.tier': 'l2' };
    expect(seriesOf(metrics, 'cache.operation.duration')).toEqual([
      [l2, 1],
      [{ ...l2, 'error.type': 'ETIMEDOUT' }, 1],
    ]);
    expect(seriesOf(metricsOf([source([patternUse()])]), 'cache.compute.duration')).toEqual([]);
  });

  it('count what went and what was invalidated, over the patterns of a cache', () => {
    const invalidations = [
      { cacheName: 'default', kind: 'tag', tagPattern: 'user:{userId}', count: 7 },
      { cacheName: 'default', kind: 'clear', count: 1 },
    ] as const;
    const metrics = metricsOf([
      source(
        [
          patternUse({ evictions: 5, expirations: 1, discardedStores: 2 }),
          patternUse({ pattern: 'bot:{botId}:config', evictions: 6, expirations: 2 }),
        ],
        { invalidationUses: () => invalidations },
      ),
    ]);
    expect(seriesOf(metrics, 'cache.evictions')).toEqual([
      [{ 'cache.name': 'default', 'cache.eviction.reason': 'size' }, 11],
      [{ 'cache.name': 'default', 'cache.eviction.reason': 'ttl' }, 3],
    ]);
    expect(seriesOf(metrics, 'cache.invalidations')).toEqual([
      [{ 'cache.name': 'default', 'cache.invalidation.kind': 'tag', 'cache.tag_pattern': 'user:{userId}' }, 7],
      [{ 'cache.name': 'default', 'cache.invalidation.kind': 'clear' }, 1],
    ]);
    expect(seriesOf(metrics, 'cache.discarded_stores').map(([, value]) => value)).toEqual([2, 0]);
  });

  it('hold entries by state, and bytes only where a cache counts them', () => {
    const big = source([patternUse({ cacheName: 'big' })], {
      cacheName: 'big',
      entryCounts: () => ({ valid: 8, expired: 0, bytes: 4096 }),
    });
    const unused = source([], { cacheName: 'unused' });
    const metrics = metricsOf([source([patternUse()]), source([]), big, unused]);
    expect(family(metrics, 'cache.entry.count')).toMatchObject({ kind: 'upDownCounter', unit: '{entry}' });
    expect(seriesOf(metrics, 'cache.entry.count')).toEqual([
      [{ 'cache.name': 'default', 'cache.entry.state': 'valid' }, 6],
      [{ 'cache.name': 'default', 'cache.entry.state': 'expired' }, 2],
      [{ 'cache.name': 'big', 'cache.entry.state': 'valid' }, 8],
      [{ 'cache.name': 'big', 'cache.entry.state': 'expired' }, 0],
    ]);
    expect(seriesOf(metrics, 'cache.size')).toEqual([[{ 'cache.name': 'big' }, 4096]]);
  });

  it('have the same series objects at each collection, with the caches’ own counts', () => {
    const counts = { ...patternUse({ hits: 1, computeSeconds: [0.1] }) };
    const metrics = metricsOf([source([counts])]);
    const series = (name: string): unknown[] => [...family(metrics, name).series];
    const [requests, durations] = [series('cache.requests'), series('cache.compute.duration')];
    counts.hits = 9;
    counts.computeDurations.record(0.2);
    const again = series('cache.requests');
    expect(again).toHaveLength(2);
    again.forEach((one, n) => expect(one).toBe(requests[n]));
    expect(again[0]).toMatchObject({ value: 9 });
    expect(series('cache.compute.duration')[0]).toBe(durations[0]);
    expect(seriesOf(metrics, 'cache.compute.duration')).toEqual([[SETTINGS, 2]]);
  });

  it('never fall when a cache goes; its entries do', () => {
    const registry = new CacheRegistry();
    const unregister = registry.register(source([patternUse({ hits: 5, evictions: 2, computeSeconds: [0.1] })]));
    const metrics = new CacheMetrics({ registry, onFault: fail });
    expect(seriesOf(metrics, 'cache.requests')[0]?.[1]).toBe(5);
    unregister();
    expect(seriesOf(metrics, 'cache.requests')[0]?.[1]).toBe(5);
    expect(seriesOf(metrics, 'cache.evictions')[0]?.[1]).toBe(2);
    expect(seriesOf(metrics, 'cache.compute.duration')).toEqual([[SETTINGS, 1]]);
    expect(seriesOf(metrics, 'cache.entry.count').map(([, value]) => value)).toEqual([0, 0]);
    registry.register(source([patternUse({ hits: 1 })]));
    expect(seriesOf(metrics, 'cache.requests')[0]?.[1]).toBe(6);
  });

  it('have so many series, and one more for what comes beyond, which is right at each collection', () => {
    const metrics = metricsOf(
      [
        source(
          Array.from({ length: 5 }, (_, n) =>
            patternUse({ pattern: `p${n}`, hits: 1, misses: 10, computeSeconds: [1] }),
          ),
        ),
      ],
      4,
    );
    for (let collection = 0; collection < 2; collection++) {
      const requests = seriesOf(metrics, 'cache.requests');
      expect(requests.map(([, value]) => value)).toEqual([1, 10, 1, 10, 33]);
      expect(requests.at(-1)?.[0]).toEqual({ 'otel.metric.overflow': true });
      expect(seriesOf(metrics, 'cache.compute.duration').map(([, count]) => count)).toEqual([1, 1, 1, 1, 1]);
    }
  });
});
