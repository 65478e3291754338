import { describe, expect, inject, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';
import type { ReceivedMetric, ReceivedPoint } from '../support/otlp-metrics.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

const file = 'tests/fixtures/app-metrics.mjs';
const DB = 'db.client.operation.duration';
const HTTP = 'http.server.request.duration';
const databaseUrl = inject('databaseUrl');

interface Run {
  readonly receiver: OtlpReceiver;
  readonly app: AppProcess;
  /** The metrics of the last export. */
  readonly last: readonly ReceivedMetric[];
  readonly elapsedMs: number;
}

async function run(
  env: Readonly<Record<string, string>>,
  use: (url: string, receiver: OtlpReceiver) => Promise<void>,
  start: Partial<Parameters<typeof AppProcess.start>[0]> = {},
): Promise<Run> {
  const receiver = await OtlpReceiver.start();
  const app = AppProcess.start({
    file,
    ...start,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, DATABASE_URL: databaseUrl, ...env },
  });
  try {
    await use(await app.url(), receiver);
    const { elapsedMs } = await app.end('SIGTERM');
    return { receiver, app, last: receiver.metricExports.at(-1) ?? [], elapsedMs };
  } finally {
    app.kill();
    await receiver.stop();
  }
}

async function get(url: string, path: string, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) await (await fetch(`${url}${path}`)).text();
}

function named(metrics: readonly ReceivedMetric[], name: string): ReceivedMetric {
  const found = metrics.filter((metric) => metric.name === name);
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} metrics are called ${name}`);
  return found[0];
}

function point(metric: ReceivedMetric, attributes: Readonly<Record<string, unknown>>): ReceivedPoint | undefined {
  const wanted = Object.entries(attributes);
  const found = metric.points.filter((candidate) =>
    wanted.every(([name, value]) => candidate.attributes[name] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} series of ${metric.name} have ${JSON.stringify(attributes)}`);
  return found[0];
}

function seriesOf(exports: readonly (readonly ReceivedMetric[])[], name: string): Map<string, ReceivedPoint[]> {
  const series = new Map<string, ReceivedPoint[]>();
  for (const metric of exports.flat().filter((candidate) => candidate.name === name)) {
    for (const received of metric.points) {
      const key = JSON.stringify(received.attributes);
      series.set(key, [...(series.get(key) ?? []), received]);
    }
  }
  return series;
}

const bucketTotal = ({ buckets }: ReceivedPoint): number =>
  (buckets?.zeroCount ?? 0) + (buckets?.bucketCounts ?? []).reduce((sum, count) => sum + count, 0);

describe.skipIf(databaseUrl === '')('metrics over OTLP', () => {
  it.each(['http/json', 'http/protobuf'])(
    'count every request and query where spans are sampled at 1 percent: %s',
    async (protocol) => {
      const { receiver, last } = await run(
        {
          OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
          OTEL_TRACES_SAMPLER: 'traceidratio',
          OTEL_TRACES_SAMPLER_ARG: '0.01',
          OTEL_SERVICE_NAME: 'shop',
        },
        async (url) => {
          await get(url, '/users/7', 20);
          await get(url, '/loop', 3);
          await get(url, '/fail', 2);
          await get(url, '/sql-error');
          await get(url, '/nowhere/1234');
        },
      );
      expect(receiver.spans.filter(({ kind }) => kind === 'SERVER').length).toBeLessThan(10);

      const http = named(last, HTTP);
      expect(http).toMatchObject({
        unit: 's',
        type: 'exponentialHistogram',
        temporality: 'cumulative',
        scope: 'slowpath',
      });
      expect(http.serviceName).toBe('shop');
      const users = point(http, { 'http.route': '/users/:id' });
      expect(users?.attributes).toEqual({
        'http.request.method': 'GET',
        'http.route': '/users/:id',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'network.protocol.version': '1.1',
      });
      expect(users?.buckets).toMatchObject({ count: 20, scale: 5 });
      expect(users && bucketTotal(users)).toBe(20);
      expect(point(http, { 'http.route': '/loop' })?.buckets?.count).toBe(3);
      const failed = point(http, { 'http.route': '/fail' });
      expect(failed?.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': '500' });
      expect(failed?.buckets?.count).toBe(2);
      // A path is no route, and nothing of it leaves.
      expect(point(http, { 'http.response.status_code': 404 })?.attributes).not.toHaveProperty('http.route');

      const queries = named(last, DB);
      expect(queries).toMatchObject({ unit: 's', type: 'exponentialHistogram' });
      // `SELECT users` is the one of 20 requests, and the first and the ten of each loop.
      const selects = queries.points.filter(({ attributes }) => attributes['db.query.summary'] === 'SELECT users');
      expect(selects.map(({ attributes, buckets }) => [attributes, buckets?.count])).toEqual([
        [
          {
            'db.system.name': 'postgresql',
            'db.query.summary': 'SELECT users',
            'db.namespace': new URL(databaseUrl).pathname.slice(1),
          },
          20 + 3 * 11,
        ],
      ]);
      // What ran before the first request belongs to none, and is counted here.
      expect(point(queries, { 'db.query.summary': 'CREATE TABLE users' })?.buckets?.count).toBe(1);
      const [withError, ...others] = queries.points.filter(({ attributes }) => 'error.type' in attributes);
      expect([withError?.attributes['error.type'], withError?.buckets?.count, others.length]).toEqual(['_OTHER', 1, 0]);

      const perRequest = named(last, 'slowpath.request.queries');
      expect(perRequest.unit).toBe('{query}');
      expect(point(perRequest, { 'http.route': '/loop' })?.buckets).toMatchObject({
        count: 3,
        sum: 33,
        min: 11,
        max: 11,
      });
      expect(point(perRequest, { 'http.route': '/users/:id' })?.buckets).toMatchObject({ count: 20, sum: 20 });
      expect(point(perRequest, { 'slowpath.endpoint': 'GET (unmatched)' })?.buckets).toMatchObject({ zeroCount: 1 });

      const loop = { 'slowpath.finding.kind': 'n-plus-one', 'http.route': '/loop', 'http.request.method': 'GET' };
      const findings = named(last, 'slowpath.findings');
      expect(findings).toMatchObject({ type: 'sum', isMonotonic: true, unit: '{finding}' });
      expect(point(findings, loop)?.value).toBe(3);
      const firstSeen = point(named(last, 'slowpath.finding.first_seen'), loop);
      expect(firstSeen?.attributes).toEqual(point(findings, loop)?.attributes);
      expect(Math.abs((firstSeen?.value ?? 0) - Date.now() / 1000)).toBeLessThan(60);
      expect(receiver.rawText).not.toMatch(/nowhere|canary/);
    },
  );

  it('have one stream per name, ours among what the application and the instrumentations measure', async () => {
    const { receiver, last, app } = await run({ FETCH_SELF: '3' }, async (url) => {
      await get(url, '/order', 4);
      await get(url, '/users/7', 2);
    });
    expect(receiver.metricExports.length).toBeGreaterThan(0);
    for (const metrics of receiver.metricExports) {
      const names = metrics.map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
      for (const { name, points } of metrics) {
        const attributes = points.map((received) => JSON.stringify(Object.entries(received.attributes).sort()));
        expect(new Set(attributes).size, name).toBe(points.length);
      }
    }
    expect(named(last, HTTP).scope).toBe('slowpath');
    expect(named(last, HTTP).points.reduce((sum, { buckets }) => sum + (buckets?.count ?? 0), 0)).toBe(9);
    expect(named(last, DB).scope).toBe('slowpath');
    expect(point(named(last, 'shop.orders'), { plan: 'small' })?.value).toBe(8);
    // The official one: the application's own calls, and not those that bring the metrics here.
    const client = named(last, 'http.client.request.duration');
    expect(client.scope).toContain('undici');
    expect(client.points).toHaveLength(1);
    expect(app.stderr).not.toContain('fault');
  });

  it('start a counter at 0 and give its count at the next collection', async () => {
    const { receiver } = await run({ OTEL_METRIC_EXPORT_INTERVAL: '150' }, async (url, { metricExports }) => {
      while (metricExports.length === 0) await get(url, '/quiet');
      await get(url, '/loop', 3);
    });
    const counts = [...seriesOf(receiver.metricExports, 'slowpath.findings').values()].map((points) =>
      points.map(({ value }) => value),
    );
    expect(counts.length).toBeGreaterThan(0);
    for (const values of counts) expect([values[0], values.at(-1)]).toEqual([0, 3]);

    const [first = []] = receiver.metricExports;
    expect(named(first, 'slowpath.spans.dropped').points.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
  });

  it.each(['cumulative', 'delta'] as const)('add up with %s temporality', async (temporality) => {
    const { receiver } = await run(
      { OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality },
      async (url, { metricExports }) => {
        for (let round = 1; round <= 4; round++) {
          await get(url, '/loop', 2);
          await get(url, '/order');
          const had = metricExports.length;
          while (metricExports.length < had + 2) await get(url, '/users/7');
        }
      },
    );
    const sum = (values: readonly (number | undefined)[]): number => values.reduce<number>((a, b) => a + (b ?? 0), 0);
    const total = (values: readonly (number | undefined)[]): number =>
      temporality === 'delta' ? sum(values) : (values.at(-1) ?? 0);
    const of = (name: string, part: string): ReceivedPoint[] => {
      const found = [...seriesOf(receiver.metricExports, name)].filter(([key]) => key.includes(part));
      if (found.length !== 1) throw new Error(`${found.length} series of ${name} have ${part}`);
      return found[0]?.[1] ?? [];
    };
    const loop = of(HTTP, '"/loop"');
    expect(total(loop.map(({ buckets }) => buckets?.count))).toBe(8);
    expect(total(loop.map(bucketTotal))).toBe(8);
    expect(total(of('slowpath.request.queries', '"/loop"').map(({ buckets }) => buckets?.sum))).toBe(88);
    expect(total(of('slowpath.findings', 'n-plus-one').map(({ value }) => value))).toBe(8);
    expect(total(of('shop.orders', 'small').map(({ value }) => value))).toBe(8);
    const temporalities = receiver.metricExports
      .flat()
      .filter(({ type, isMonotonic }) => type !== 'gauge' && (type !== 'sum' || isMonotonic));
    expect(new Set(temporalities.map((metric) => metric.temporality))).toEqual(new Set([temporality]));
    for (const received of loop) expect(received.endMs).toBeGreaterThanOrEqual(received.startMs);
    if (temporality === 'delta') {
      expect(loop.length).toBeGreaterThan(1);
      for (const [n, received] of loop.entries()) {
        expect(received.startMs).toBeGreaterThanOrEqual(loop[n - 1]?.endMs ?? 0);
        expect(received.buckets?.count).toBeGreaterThan(0);
      }
    } else {
      expect(new Set(loop.map(({ startMs }) => startMs)).size).toBe(1);
    }
  });

  it('give percentiles within 1.1 % of the exact ones', async () => {
    const { app, last } = await run(
      {},
      async (url) => {
        await Promise.all(Array.from({ length: 60 }, (_, n) => get(url, `/wait/${n * 3}`)));
      },
      { withSlowpath: false, nodeArgs: ['--import', './tests/fixtures/app-metrics-start.mjs'] },
    );
    const exact = [...app.stdout.matchAll(/request (.+)/g)]
      .map(([, json = '']) => JSON.parse(json) as { endpoint: string; durationMs: number })
      .filter(({ endpoint }) => endpoint === 'GET /wait/:ms')
      .map(({ durationMs }) => durationMs / 1000)
      .sort((a, b) => a - b);
    expect(exact).toHaveLength(60);
    const buckets = point(named(last, HTTP), { 'http.route': '/wait/:ms' })?.buckets;
    expect(buckets?.count).toBe(60);
    expect(buckets?.sum).toBeCloseTo(
      exact.reduce((sum, seconds) => sum + seconds, 0),
      6,
    );
    expect([buckets?.min, buckets?.max]).toEqual([exact[0], exact.at(-1)]);
    const sorted = (buckets?.bucketCounts ?? []).flatMap((count, n) => {
      // The middle of (2^(index / 32), 2^((index + 1) / 32)], as the data model has it at scale 5.
      const lower = 2 ** (((buckets?.offset ?? 0) + n) / 32);
      const upper = 2 ** (((buckets?.offset ?? 0) + n + 1) / 32);
      return Array.from({ length: count }, () => (2 * lower * upper) / (lower + upper));
    });
    expect(sorted).toHaveLength(60);
    for (const [rank, seconds] of sorted.entries()) {
      expect(Math.abs(seconds / (exact[rank] ?? 0) - 1)).toBeLessThanOrEqual(0.011);
    }
  });

  it('go nowhere with OTEL_METRICS_EXPORTER=none', async () => {
    const { receiver } = await run(
      { OTEL_METRICS_EXPORTER: 'none', OTEL_METRIC_EXPORT_INTERVAL: '50' },
      async (url) => {
        await get(url, '/loop', 3);
      },
    );
    expect(receiver.metricRequestCount).toBe(0);
    expect(receiver.spans.length).toBeGreaterThan(3);
  });

  it('leave the place to a meter provider of the application, and go on', async () => {
    const { last, app } = await run({ OWN_METER_PROVIDER: 'yes' }, async (url) => {
      await get(url, '/users/7', 5);
    });
    expect(app.stdout).toContain('accepted true true');
    expect(app.stderr).not.toContain('steps aside');
    expect(point(named(last, HTTP), { 'http.route': '/users/:id' })?.buckets?.count).toBe(5);
  });

  it('say once where they do not arrive, and of a value that cannot be used', async () => {
    const { app } = await run(
      {
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:9/v1/metrics',
        OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '20',
        OTEL_METRIC_EXPORT_INTERVAL: '30',
        OTEL_METRIC_EXPORT_TIMEOUT: 'soon',
      },
      async (url) => {
        await get(url, '/wait/300');
      },
    );
    expect(app.stderr.match(/no metrics reach .+/g)).toEqual([
      expect.stringMatching(/http:\/\/127\.0\.0\.1:9\/v1\/metrics \(\w+\).*OTEL_METRICS_EXPORTER=none/),
    ]);
    expect(app.stderr).toContain('OTEL_METRIC_EXPORT_TIMEOUT="soon" is not a whole number of milliseconds');
  });
});
