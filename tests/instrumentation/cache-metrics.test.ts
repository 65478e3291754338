import { describe, expect, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';
import type { ReceivedMetric, ReceivedPoint } from '../support/otlp-metrics.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

const PATTERN = 'user:{userId}:settings';

interface Run {
  readonly receiver: OtlpReceiver;
  readonly stderr: string;
  /** By path, the last answer's. */
  readonly cacheHits: Readonly<Record<string, string | null>>;
  /** The metrics of the last export. */
  readonly last: readonly ReceivedMetric[];
}

type Use = (get: (...paths: readonly string[]) => Promise<void>, receiver: OtlpReceiver) => Promise<void>;

async function run(use: Use, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const cacheHits: Record<string, string | null> = {};
  const receiver = await OtlpReceiver.start();
  const app = AppProcess.start({
    file: 'tests/fixtures/app-cache-metrics.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...env },
  });
  try {
    const url = await app.url();
    await use(async (...paths) => {
      for (const path of paths) {
        const response = await fetch(url + path);
        await response.arrayBuffer();
        expect(response.status, path).toBe(200);
        cacheHits[path] = response.headers.get('x-cache-hit');
      }
    }, receiver);
    await app.end('SIGTERM');
    return { receiver, stderr: app.stderr, cacheHits, last: receiver.metricExports.at(-1) ?? [] };
  } finally {
    app.kill();
    await receiver.stop();
  }
}

function pointsOf(metrics: readonly ReceivedMetric[], name: string): readonly ReceivedPoint[] {
  const found = metrics.filter((metric) => metric.name === name);
  if (found.length > 1) throw new Error(`${found.length} metrics are called ${name}`);
  return found[0]?.points ?? [];
}

/** The values of a metric by the values of its attributes, those of 0 left out. */
function valuesOf(metrics: readonly ReceivedMetric[], name: string): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(
    pointsOf(metrics, name)
      .map(({ attributes, value, buckets }) => [Object.values(attributes).join(' '), value ?? buckets?.count] as const)
      .filter(([, value]) => value !== 0),
  );
}

describe('the metrics of an application’s caches', () => {
  it('tell what was looked up, computed, evicted and invalidated, as headers and spans do', async () => {
    const { receiver, stderr, cacheHits, last } = await run(
      async (get) => {
        await get(
          '/first',
          '/first',
          '/second',
          '/crowd',
          '/failing',
          '/bypass',
          '/discarded',
          '/pages',
          '/brief',
          '/quiet',
        );
      },
      { SLOWPATH_REPORT: 'text' },
    );
    expect(cacheHits).toEqual({
      '/first': 'true',
      '/second': 'false',
      '/crowd': 'false',
      '/failing': 'false',
      '/bypass': null,
      '/discarded': 'false',
      '/pages': 'false',
      '/brief': 'false',
      '/quiet': null,
    });
    expect(valuesOf(last, 'cache.requests')).toEqual({
      // Both caches of that name: cold in each, a crowd of three, one that failed, one that was invalidated meanwhile.
      [`users ${PATTERN} hit l1`]: 1,
      [`users ${PATTERN} miss`]: 5,
      [`users ${PATTERN} coalesced`]: 2,
      [`users ${PATTERN} bypass`]: 1,
      'pages page:{name} miss': 3,
      'brief (unregistered) miss': 1,
    });
    expect(valuesOf(last, 'cache.compute.duration')).toEqual({
      // Those of the misses, and that of the call that went past the cache.
      [`users ${PATTERN}`]: 6,
      'pages page:{name}': 3,
      'brief (unregistered)': 1,
    });
    const [users] = pointsOf(last, 'cache.compute.duration');
    expect(users?.buckets?.max).toBeGreaterThan(0.009);
    expect(valuesOf(last, 'cache.evictions')).toEqual({ 'pages size': 1 });
    expect(valuesOf(last, 'cache.discarded_stores')).toEqual({ [`users ${PATTERN}`]: 1 });
    expect(valuesOf(last, 'cache.invalidations')).toEqual({ 'users tag user:{userId}': 1 });
    expect(valuesOf(last, 'cache.entry.count')).toEqual({ 'users valid': 3, 'pages valid': 2, 'brief valid': 1 });
    expect(valuesOf(last, 'cache.size')).toEqual({ pages: 2000 });
    expect(pointsOf(last, 'cache.operation.duration')).toEqual([]);

    const types = Object.fromEntries(
      last.map(({ name, type, unit, isMonotonic }) => [name, [type, unit, isMonotonic]]),
    );
    expect(types).toMatchObject({
      'cache.requests': ['sum', '{request}', true],
      'cache.compute.duration': ['exponentialHistogram', 's', false],
      'cache.entry.count': ['sum', '{entry}', false],
      'cache.size': ['sum', 'By', false],
    });
    const crowd = receiver.spans.find((span) => span.kind === 'SERVER' && span.attributes['url.path'] === '/crowd');
    expect(crowd?.attributes).toMatchObject({
      'cache.lookup_count': 3,
      'cache.miss_count': 1,
      'cache.coalesced_count': 2,
      'cache.hit': false,
    });
    const section = stderr.slice(stderr.indexOf('\nCACHES')).split('\n\n')[0] ?? '';
    expect(section).toMatch(/^user:\{userId\}:settings +8 +13 % +5 +2 /m);
    expect(section).toContain('in users, 1 bypassed it, 1 invalidated while computed, 1 computations failed');
    expect(section).toContain('13 % of 8 requests');
    expect(receiver.rawText + stderr).not.toContain('canary');
  });

  it.each(['cumulative', 'delta'] as const)(
    'keep what a cache has counted when it is disposed of, and let its entries go: %s',
    async (temporality) => {
      const { receiver } = await run(
        async (get, { metricExports }) => {
          const collected = async (times: number): Promise<void> => {
            const had = metricExports.length;
            while (metricExports.length < had + times) await get('/quiet');
          };
          await get('/brief', '/brief', '/first');
          await collected(2);
          await get('/dispose');
          await collected(2);
          await get('/first', '/first');
        },
        { OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality },
      );
      const series = (name: string, ...parts: readonly string[]): (number | undefined)[] =>
        receiver.metricExports.flatMap((metrics) =>
          pointsOf(metrics, name)
            .filter(({ attributes }) => parts.every((part) => Object.values(attributes).includes(part)))
            .map(({ value, buckets }) => value ?? buckets?.count),
        );
      const total = (values: readonly (number | undefined)[]): number =>
        temporality === 'delta' ? values.reduce<number>((a, b) => a + (b ?? 0), 0) : (values.at(-1) ?? NaN);
      const hits = (name: string): (number | undefined)[] => series('cache.requests', name, 'hit');
      expect(hits('brief')[0]).toBe(0);
      expect(total(hits('brief'))).toBe(1);
      expect(total(hits('users'))).toBe(2);
      expect(total(series('cache.compute.duration', 'brief'))).toBe(1);
      for (const values of [hits('brief'), hits('users')]) {
        expect(values.length).toBeGreaterThan(3);
        if (temporality === 'cumulative') expect(values).toEqual(values.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
        for (const value of values) expect(value).toBeGreaterThanOrEqual(0);
      }
      const entries = series('cache.entry.count', 'brief', 'valid');
      expect([entries[0], entries.at(-1)]).toEqual([1, 0]);
    },
  );

  it('are none for an application without one', async () => {
    const { last } = await run(async (get) => get('/quiet'));
    expect(last.map(({ name }) => name).filter((name) => name.startsWith('cache.'))).toEqual([]);
    expect(last.length).toBeGreaterThan(0);
  });
});
