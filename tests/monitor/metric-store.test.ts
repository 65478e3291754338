import { describe, expect, it } from 'vitest';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest, QueryFingerprint } from '../../core/types.ts';
import { MAX_REMEMBERED_FINGERPRINTS } from '../../monitor/metric-store-queries.ts';
import type { MetricFamily, MetricSeries } from '../../monitor/metric-store-series.ts';
import { MAX_SERIES, MetricStore, type HttpRequestFacts } from '../../monitor/metric-store.ts';
import { requestRecord } from './request-record.ts';

const START_S = 1_800_000_000;
const HTTP = 'http.server.request.duration';
const DB = 'db.client.operation.duration';
const QUERIES = 'slowpath.request.queries';
const FINDINGS = 'slowpath.findings';
const FIRST_SEEN = 'slowpath.finding.first_seen';
const OVERFLOW = { 'otel.metric.overflow': true };

/** A store whose wall clock is turned by hand. */
function storeAt(seconds: number, maxSeries?: number): { store: MetricStore; clock: { seconds: number } } {
  const clock = { seconds };
  const unixNowMs = (): number => clock.seconds * 1000 + 1;
  return { store: new MetricStore({ unixNowMs, ...(maxSeries !== undefined && { maxSeries }) }), clock };
}

function request(parts: Parameters<typeof requestRecord>[0] = {}, findings: readonly string[] = []): AnalyzedRequest {
  return {
    ...requestRecord(parts),
    findings: findings.map((fingerprint) => ({ kind: 'n-plus-one', fingerprint }) as Finding),
    findingsSuppressed: 0,
  };
}

function http(parts: Partial<HttpRequestFacts> = {}): HttpRequestFacts {
  return { method: 'GET', route: '/orders', scheme: 'http', protocolVersion: '1.1', errorType: undefined, ...parts };
}

function addQuery(
  store: MetricStore,
  parts: Partial<Record<'name' | 'namespace' | 'summary' | 'errorType', string>>,
  durationMs = 5,
): void {
  const { name = 'q', namespace = 'shop', summary = 'SELECT orders', errorType } = parts;
  store.addQuery('postgresql', namespace, name as QueryFingerprint, summary, durationMs, errorType);
}

function family(store: MetricStore, name: string): MetricFamily {
  const found = store.families().find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no metric is called ${name}`);
  return found;
}

const allSeries = (store: MetricStore, name: string): readonly MetricSeries<unknown>[] => [
  ...family(store, name).series,
];
const attributesOf = (store: MetricStore, name: string): unknown[] =>
  allSeries(store, name).map(({ attributes }) => attributes);

/** Counts by series: of histograms the number of values, of counters and gauges the value. */
function counts(store: MetricStore, name: string): number[] {
  const found = family(store, name);
  return found.kind === 'histogram'
    ? Array.from(found.series, ({ value }) => value.count)
    : Array.from(found.series, ({ value }) => value);
}

describe('MetricStore', () => {
  it('counts requests by method, route, status, scheme, protocol and error, in seconds', () => {
    const { store } = storeAt(START_S);
    store.addRequest(request({ durationMs: 1500 }), http());
    store.addRequest(request({ durationMs: 500 }), http());
    store.addRequest(request({ statusCode: 503, failed: true }), http({ errorType: '503' }));
    store.addRequest(
      request({ statusCode: 0 }),
      http({ route: undefined, protocolVersion: undefined, scheme: 'https' }),
    );
    expect(attributesOf(store, HTTP)).toEqual([
      {
        'http.request.method': 'GET',
        'http.route': '/orders',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'network.protocol.version': '1.1',
      },
      expect.objectContaining({ 'http.response.status_code': 503, 'error.type': '503' }),
      { 'http.request.method': 'GET', 'url.scheme': 'https' },
    ]);
    expect(counts(store, HTTP)).toEqual([2, 1, 1]);
    const found = family(store, HTTP);
    const [series] = found.kind === 'histogram' ? found.series : [];
    expect(series?.value).toMatchObject({ unit: 's', sum: 2, min: 0.5, max: 1.5 });
  });

  it('counts the queries of a request by its route, and by its endpoint where it has none', () => {
    const { store } = storeAt(START_S);
    store.addRequest(request({ queryCount: 11 }), http());
    store.addRequest(request({ queryCount: 3, statusCode: 500 }), http());
    store.addRequest(request({ queryCount: 1, endpoint: 'GET /u/{id}' }), http({ route: undefined }));
    store.addRequest(request({ queryCount: 40, endpoint: 'job nightly', kind: 'job' }), undefined);
    store.addRequest(request({ queriesObserved: false }), http());
    expect(attributesOf(store, QUERIES)).toEqual([
      { 'http.request.method': 'GET', 'http.route': '/orders' },
      { 'slowpath.endpoint': 'GET /u/{id}' },
      { 'slowpath.endpoint': 'job nightly' },
    ]);
    expect(counts(store, QUERIES)).toEqual([2, 1, 1]);
    // A job is no HTTP request.
    expect(counts(store, HTTP).reduce((a, b) => a + b)).toBe(4);
  });

  it('tell the same statement on two systems apart, whether it was remembered or not', () => {
    const { store } = storeAt(START_S);
    for (const system of ['postgresql', 'mysql', 'mysql', 'postgresql', 'mysql'])
      store.addQuery(system, 'shop', 'a' as QueryFingerprint, 'SELECT a', 5, undefined);
    const systems = allSeries(store, DB).map(({ attributes }) => attributes['db.system.name']);
    expect(systems).toEqual(['postgresql', 'mysql']);
    expect(counts(store, DB)).toEqual([2, 3]);
  });

  it('counts queries by database and summary, however many fingerprints share it', () => {
    const { store } = storeAt(START_S);
    for (const name of ['a', 'b', 'a']) addQuery(store, { name });
    addQuery(store, { name: 'a', namespace: 'shard-2' });
    addQuery(store, { name: 'a', errorType: '22P02' });
    addQuery(store, { name: 'c', namespace: '', summary: 'UPDATE orders' });
    const orders = { 'db.system.name': 'postgresql', 'db.query.summary': 'SELECT orders' };
    expect(attributesOf(store, DB)).toEqual([
      { ...orders, 'db.namespace': 'shop' },
      { ...orders, 'db.namespace': 'shard-2' },
      { ...orders, 'db.namespace': 'shop', 'error.type': '22P02' },
      { 'db.system.name': 'postgresql', 'db.query.summary': 'UPDATE orders' },
    ]);
    expect(counts(store, DB)).toEqual([3, 1, 1, 1]);
  });

  it('holds durations from 1 µs to 24 h without clamping one', () => {
    const { store } = storeAt(START_S);
    for (const durationMs of [0.001, 1, 86_400_000]) addQuery(store, {}, durationMs);
    const found = family(store, DB);
    const [series] = found.kind === 'histogram' ? found.series : [];
    expect(series?.value).toMatchObject({ count: 3, clampedCount: 0, min: 0.000001, max: 86_400 });
  });

  it('counts findings by fingerprint, and keeps the second of the first', () => {
    const { store, clock } = storeAt(START_S);
    store.addRequest(request({}, ['f1']), http());
    clock.seconds += 60;
    store.addRequest(request({}, ['f1', 'f2']), http({ route: undefined }));
    expect(counts(store, FINDINGS)).toEqual([2, 1]);
    expect(counts(store, FIRST_SEEN)).toEqual([START_S, START_S + 60]);
    expect(attributesOf(store, FINDINGS)).toEqual([
      {
        'slowpath.finding.kind': 'n-plus-one',
        'slowpath.finding.fingerprint': 'f1',
        'http.request.method': 'GET',
        'http.route': '/orders',
      },
      {
        'slowpath.finding.kind': 'n-plus-one',
        'slowpath.finding.fingerprint': 'f2',
        'slowpath.endpoint': 'GET /orders',
      },
    ]);
    expect(attributesOf(store, FIRST_SEEN)).toEqual(attributesOf(store, FINDINGS));
  });

  it.each([
    [
      'requests',
      HTTP,
      (store: MetricStore, n: number) =>
        store.addRequest(request({ queriesObserved: false }), http({ route: `/r${n}` })),
    ],
    [
      'queries of requests',
      QUERIES,
      (store: MetricStore, n: number) => store.addRequest(request({ endpoint: `job ${n}` }), undefined),
    ],
    ['queries', DB, (store: MetricStore, n: number) => addQuery(store, { name: `q${n}`, summary: `SELECT t${n}` })],
    [
      'findings',
      FINDINGS,
      (store: MetricStore, n: number) => store.addRequest(request({ queriesObserved: false }, [`f${n}`]), undefined),
    ],
  ])('counts %s beyond 1000 series in one that says so', (_name, metric, add) => {
    const { store } = storeAt(START_S);
    for (let n = 0; n < MAX_SERIES; n++) add(store, n);
    expect(store.overflowCount).toBe(0);
    for (let n = 0; n < MAX_SERIES + 20; n++) add(store, n);
    expect(MAX_SERIES).toBe(1000);
    expect(allSeries(store, metric)).toHaveLength(MAX_SERIES + 1);
    expect(allSeries(store, metric).at(-1)?.attributes).toEqual(OVERFLOW);
    expect(counts(store, metric).at(-1)).toBe(20);
    expect(counts(store, metric).reduce((a, b) => a + b)).toBe(2 * MAX_SERIES + 20);
    expect(store.overflowCount).toBe(20);
  });

  it('counts every query when there are more fingerprints than it remembers', () => {
    const { store } = storeAt(START_S);
    const model = new Map<string, number>();
    for (let n = 0; n < 3 * MAX_REMEMBERED_FINGERPRINTS; n++) {
      const summary = `SELECT t${n % 7}`;
      model.set(summary, (model.get(summary) ?? 0) + 1);
      addQuery(store, { name: `q${n % (MAX_REMEMBERED_FINGERPRINTS + 500)}-${n % 7}`, summary });
    }
    const found = family(store, DB);
    const got =
      found.kind === 'histogram'
        ? Array.from(found.series, ({ attributes, value }) => [attributes['db.query.summary'], value.count])
        : [];
    expect(new Map(got as [string, number][])).toEqual(model);
  });

  it('tells whether anything was measured', () => {
    const { store } = storeAt(START_S);
    expect(store.measuredCount).toBe(0);
    addQuery(store, {});
    store.addRequest(request(), http());
    expect(store.measuredCount).toBe(2);
  });
});
