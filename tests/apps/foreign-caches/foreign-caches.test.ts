import { beforeAll, describe, expect, it } from 'vitest';
import { drawn, runApp } from '../../support/app-process.ts';
import type { ReceivedMetric } from '../../support/otlp-metrics.ts';
import type { OtlpReceiver, ReceivedSpan } from '../../support/otlp-receiver.ts';

const BENTO = [
  '/bento/cold',
  '/bento/warm',
  '/bento/get',
  '/bento/failing',
  '/bento/graced',
  '/bento/invalidate',
  '/bento/warm?again',
  '/bento/inside',
] as const;
const LRU = ['/lru/get', '/lru/fetch', '/lru/failing', '/own', '/none'] as const;

interface Run {
  readonly receiver: OtlpReceiver;
  readonly stderr: string;
  /** By path, in the order of the requests: what stands on their spans. */
  readonly cacheOf: (path: string) => readonly Readonly<Record<string, unknown>>[];
  /** Of `cache.requests`, by `name pattern result`. */
  readonly requests: Readonly<Record<string, number>>;
  readonly metric: (name: string) => ReceivedMetric | undefined;
}

async function run(channels: string): Promise<Run> {
  const env = { SLOWPATH_CACHE_CHANNELS: channels, SLOWPATH_REPORT: 'text' };
  const { receiver, app } = await runApp({ file: 'tests/apps/foreign-caches/app.mjs', env }, async (url) => {
    const get = async (path: string): Promise<void> => {
      const response = await fetch(url + path.split('?')[0]);
      expect({ path, status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
    };
    for (const path of BENTO) await get(path);
    await Promise.all([get('/bento/both'), get('/bento/both')]);
    for (const path of LRU) await get(path);
    await Promise.all([get('/lru/both'), get('/lru/both')]);
  });
  const metrics = receiver.metricExports.at(-1) ?? [];
  const metric = (name: string): ReceivedMetric | undefined => metrics.find((candidate) => candidate.name === name);
  const requests = Object.fromEntries(
    (metric('cache.requests')?.points ?? [])
      .filter(({ value }) => value !== 0)
      .map(({ attributes, value }) => [
        `${String(attributes['cache.name'])} ${String(attributes['cache.key_pattern'])} ${String(attributes['cache.result'])}`,
        value ?? NaN,
      ]),
  );
  const cacheOf = (path: string): readonly Readonly<Record<string, unknown>>[] =>
    receiver.spans
      .filter((span) => span.kind === 'SERVER' && span.attributes['url.path'] === path)
      .toSorted((a, b) => a.startMs - b.startMs)
      .map(({ attributes }) => shortened(attributes));
  return { receiver, stderr: app.stderr, cacheOf, requests, metric };
}

/** The counts that are not 0, without `cache.` and `_count`. */
function shortened(attributes: ReceivedSpan['attributes']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name, value]) => /^cache\.\w+_count$/.test(name) && value !== 0)
      .map(([name, value]) => [name.slice('cache.'.length, -'_count'.length), value]),
  );
}

describe('the caches of others, listened to', () => {
  let all: Run;
  beforeAll(async () => {
    all = await run('bentocache,lru-cache');
  });

  it('count on the request: misses, hits, stale values, and what failed', () => {
    const { cacheOf } = all;
    expect(cacheOf('/bento/cold')).toEqual([{ lookup: 1, miss: 1 }]);
    // The second time its tag was invalidated.
    expect(cacheOf('/bento/warm')).toEqual([
      { lookup: 1, hit: 1 },
      { lookup: 1, miss: 1 },
    ]);
    expect(cacheOf('/bento/get')).toEqual([{ lookup: 2, hit: 1, miss: 1 }]);
    expect(cacheOf('/bento/failing')).toEqual([{ lookup: 1, miss: 1 }]);
    expect(cacheOf('/bento/graced')).toEqual([{ lookup: 2, hit: 1, stale: 1, miss: 1 }]);
    expect(cacheOf('/bento/invalidate')).toEqual([{}]);
    expect(cacheOf('/lru/get')).toEqual([{ lookup: 3, hit: 1, miss: 2 }]);
    expect(cacheOf('/lru/fetch')).toEqual([{ lookup: 2, hit: 1, miss: 1 }]);
    expect(cacheOf('/lru/failing')).toEqual([{ lookup: 1, miss: 1 }]);
    expect(cacheOf('/none')).toEqual([{}]);
  });

  it.each(['/bento/both', '/lru/both'])(
    'two requests on one cold key: one missed and has the computation in its trace, the other waited and has none: %s',
    (path) => {
      expect(all.cacheOf(path).toSorted((a, b) => Number('miss' in a) - Number('miss' in b))).toEqual([
        { lookup: 1, coalesced: 1 },
        { lookup: 1, miss: 1 },
      ]);
      const servers = all.receiver.spans.filter(
        ({ kind, attributes }) => kind === 'SERVER' && attributes['url.path'] === path,
      );
      const traces = servers.map((server) => ({
        trace: drawn(all.receiver.spans.filter(({ traceId }) => traceId === server.traceId)),
        missed: server.attributes['cache.miss_count'],
        computeTime: Number(server.attributes['cache.compute_time']),
      }));
      expect(traces).toHaveLength(2);
      for (const { trace, missed, computeTime } of traces) {
        expect(trace).toBe(missed === 1 ? 'SERVER GET\n  INTERNAL load' : 'SERVER GET');
        if (missed === 1) expect(computeTime).toBeGreaterThan(0.015);
        else expect(computeTime).toBe(0);
      }
    },
  );

  it('have no span of ours, whatever happens', () => {
    const others = all.receiver.spans.filter(({ kind, name }) => kind !== 'SERVER' && name !== 'load');
    expect(others.map(({ name }) => name)).toEqual(['cache.compute (unregistered)']);
  });

  it('are not counted twice: neither what bentocache keeps in an lru-cache, nor what we do', () => {
    // In the computation the application's own lru-cache is its own again.
    expect(all.cacheOf('/bento/inside')).toEqual([{ lookup: 2, miss: 2 }]);
    expect(all.cacheOf('/own')).toEqual([{ lookup: 2, hit: 1, miss: 1 }]);
    expect(all.requests).toEqual({
      'bentocache:memory user:? hit': 2,
      'bentocache:memory user:? miss': 4,
      'bentocache:memory user:? coalesced': 1,
      'bentocache:memory graced:? stale': 1,
      'bentocache:memory graced:? miss': 1,
      'bentocache:memory inside:? miss': 1,
      'bentocache:memory (unregistered) miss': 1,
      'lru-cache user:? hit': 1,
      'lru-cache user:? miss': 1,
      'lru-cache inside:? miss': 1,
      'lru-cache (unregistered) miss': 1,
      'lru-cache report:? hit': 1,
      'lru-cache report:? miss': 2,
      'lru-cache report:? coalesced': 1,
      'lru-cache job:? miss': 1,
      'own (unregistered) hit': 1,
      'own (unregistered) miss': 1,
    });
  });

  it('tell how long computations took, and what was invalidated', () => {
    const computations = all.metric('cache.compute.duration')?.points ?? [];
    const countOf = (name: string, pattern: string): number | undefined =>
      computations.find(
        ({ attributes }) => attributes['cache.name'] === name && attributes['cache.key_pattern'] === pattern,
      )?.buckets?.count;
    expect(countOf('bentocache:memory', 'user:?')).toBe(3);
    expect(countOf('bentocache:memory', 'graced:?')).toBe(2);
    expect(countOf('bentocache:memory', '(unregistered)')).toBe(1);
    expect(countOf('lru-cache', 'report:?')).toBe(2);
    expect(countOf('lru-cache', 'job:?')).toBe(1);
    const invalidations = all
      .metric('cache.invalidations')
      ?.points.map(({ attributes, value }) => [attributes['cache.name'], attributes['cache.invalidation.kind'], value]);
    expect(invalidations).toEqual(
      expect.arrayContaining([
        ['bentocache:memory', 'key', 1],
        ['bentocache:memory', 'tag', 1],
      ]),
    );
    // Nobody tells how many entries they have.
    const names = all.metric('cache.entry.count')?.points.map(({ attributes }) => attributes['cache.name']) ?? [];
    expect(names.filter((name) => name !== 'own')).toEqual([]);
  });

  it('let no key, value or message out, and stand in the report', () => {
    expect(all.receiver.rawText).toContain('user:?');
    expect(all.receiver.rawText.replaceAll('john@canary.example', '')).not.toContain('canary');
    expect(all.stderr).toMatch(/^user:\? .+\n {2}in bentocache:memory/m);
    expect(all.stderr).not.toMatch(/fault|canary-|jane/);
  });
});

describe('the caches of others', () => {
  it('are not listened to unless that is asked for', async () => {
    const { cacheOf, requests } = await run('');
    for (const path of ['/bento/cold', '/lru/get', '/lru/both'])
      for (const cache of cacheOf(path)) expect(cache).toEqual({});
    expect(requests).toEqual({ 'own (unregistered) hit': 1, 'own (unregistered) miss': 1 });
  });

  it('can be listened to one by one', async () => {
    const bento = await run('bentocache');
    expect(bento.cacheOf('/bento/cold')).toEqual([{ lookup: 1, miss: 1 }]);
    expect(bento.cacheOf('/lru/get')).toEqual([{}]);
    const lru = await run('lru-cache');
    expect(lru.cacheOf('/lru/get')).toEqual([{ lookup: 3, hit: 1, miss: 2 }]);
    // What bentocache looks up in its lru-cache is all that is known of it then.
    expect(lru.cacheOf('/bento/warm')[0]).toMatchObject({ hit: 1 });
    expect(lru.cacheOf('/own')).toEqual([{ lookup: 2, hit: 1, miss: 1 }]);
  });
});
