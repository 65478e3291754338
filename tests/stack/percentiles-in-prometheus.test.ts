import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPostgres, type Postgres } from '../../scripts/postgres.ts';
import { startApp, type StartedApp } from './start-app.ts';
import { startPrometheus, type Prometheus } from './start-prometheus.ts';
import { repository, startStack, type Stack } from './start-stack.ts';
import { until } from './until.ts';

const service = 'percentiles';
/** Only the request that is to be a finding takes as long. */
const slowMs = 1500;
const percentiles = [50, 95, 99] as const;
/** Of a bucket. Prometheus answers with a value from the bucket that the exact one is in. */
const bucketWidth = 2 ** (1 / 32) - 1;
/** What the monitor says of its own percentiles. */
const errorBound = 0.011;

/** A process of the fleet. */
interface Member {
  readonly app: StartedApp;
  readonly requestLog: string;
  /** The time that each answer of its load is to take, in milliseconds. */
  readonly waitsMs: readonly number[];
}

/** The parts of what it prints when it ends that are read here. */
interface Statistics {
  readonly requests: Percentiles & { readonly errorBound: number };
  readonly queries: readonly (Percentiles & { readonly text: string })[];
}
type Percentiles = Readonly<Record<'count' | `durationMsP${(typeof percentiles)[number]}`, number>>;

const folder = mkdtempSync(join(tmpdir(), 'slowpath-percentiles-'));
const requestSeries = `http_server_request_duration_seconds{job="${service}",http_route="/wait/:ms"}`;
const querySeries = `db_client_operation_duration_seconds{job="${service}"}`;
const findingSeries = `slowpath_findings_total{job="${service}",slowpath_finding_kind="slow-endpoint"}`;

let postgres: Postgres;
let stack: Stack;
let prometheus: Prometheus;
const fleet: Member[] = [];

beforeAll(async () => {
  postgres = await startPostgres({ url: inject('databaseUrl') });
  stack = await startStack(inject('collectorBinaries'));
  prometheus = await startPrometheus(stack.applicationMetricsUrl, 100);
  fleet.push(await startMember('fast', loadOf(200, 5, 1)));
  fleet.push(await startMember('slow', loadOf(60, 100, 6)));
  // Both are in Prometheus before their load comes: what a series begins with is in no rate.
  await Promise.all(fleet.map(({ app }) => ask(app, 1)));
  await untilCounted(fleet.length);
  await Promise.all(fleet.map(sendLoad));
  await untilCounted(fleet.length + fleet.flatMap(({ waitsMs }) => waitsMs).length);
});

afterAll(async () => {
  for (const { app } of fleet) await app.stop();
  await prometheus?.stop();
  await stack?.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true });
});

describe('a fleet whose metrics Prometheus reads from the Collector', () => {
  it.each(percentiles)(
    'has the percentile %i of all its requests within a bucket of the exact one',
    async (percentile) => {
      const exactMs = nearestRank(fleet.flatMap(loadDurationsMs), percentile);
      const values = await prometheus.query(`histogram_quantile(${percentile / 100}, sum(rate(${requestSeries}[5m])))`);
      expect(values).toHaveLength(1);
      expect(differenceOf((values[0]?.value ?? 0) * 1000, exactMs)).toBeLessThanOrEqual(bucketWidth);
    },
  );

  it('is not the mean of its processes', () => {
    const exactMs = nearestRank(fleet.flatMap(loadDurationsMs), 95);
    const meanMs = fleet.reduce((sum, member) => sum + nearestRank(loadDurationsMs(member), 95), 0) / fleet.length;
    expect(differenceOf(meanMs, exactMs)).toBeGreaterThan(5 * bucketWidth);
  });

  it('has the percentiles of each process, by its instance', async () => {
    const values = await prometheus.query(`histogram_quantile(0.95, sum by (instance) (rate(${requestSeries}[5m])))`);
    expectClose(
      values.map(({ value }) => value * 1000),
      fleet.map((member) => nearestRank(loadDurationsMs(member), 95)),
      bucketWidth,
    );
  });

  it('shows a counter whose first event is in increase()', async () => {
    expect(await prometheus.query(findingSeries)).toEqual([]);
    const [member] = fleet;
    if (member !== undefined) await ask(member.app, slowMs);
    const increase = await until('the first finding', async () => {
      const [sample] = await prometheus.query(`increase(${findingSeries}[5m]) > 0`);
      return sample?.value;
    });
    expect(await prometheus.query(findingSeries)).toMatchObject([{ value: 1 }]);
    // Prometheus stretches the one step from 0 to 1 to the ends of its window.
    expect(increase).toBeGreaterThanOrEqual(1);
    expect(increase).toBeLessThan(2);
  });
});

it('answers the queries that docs/metrics.md has', async () => {
  const page = readFileSync(join(repository, 'docs/metrics.md'), 'utf8');
  // The section on caches has a query of its own, for what these applications have none of.
  const section = page.slice(page.indexOf('## In Prometheus'));
  const [, block = ''] = /```promql\n(.*?)```/s.exec(section) ?? [];
  const promqls = block.trim().split('\n');
  expect(promqls.length).toBeGreaterThan(2);
  for (const promql of promqls) {
    const values = await prometheus.query(promql);
    expect(values.length, promql).toBeGreaterThan(0);
    for (const { value } of values) expect(value, promql).toBeGreaterThan(0);
  }
});

describe("a process's own statistics", () => {
  const statistics: Statistics[] = [];

  beforeAll(async () => {
    for (const { app } of fleet) {
      await app.stop();
      const [, json = ''] = /^statistics (.*)$/m.exec(app.output()) ?? [];
      statistics.push(JSON.parse(json) as Statistics);
    }
    await untilCounted(statistics.reduce((sum, { requests }) => sum + requests.count, 0));
  });

  it.each(percentiles)('agree with Prometheus on the percentile %i within the errors of both', async (percentile) => {
    const ofRequests = statistics.map(({ requests }) => requests[`durationMsP${percentile}`]);
    const ofQueries = statistics.map(
      ({ queries }) => queries.find(({ text }) => text.includes('pg_sleep'))?.[`durationMsP${percentile}`] ?? 0,
    );
    for (const [series, expectedMs] of [
      [requestSeries, ofRequests],
      [querySeries, ofQueries],
    ] as const) {
      const values = await prometheus.query(`histogram_quantile(${percentile / 100}, ${series})`);
      expectClose(
        values.map(({ value }) => value * 1000),
        expectedMs,
        bucketWidth + errorBound,
      );
    }
  });

  it.each(percentiles)('have the percentile %i of the request log within their bound', (percentile) => {
    for (const [index, { requests }] of statistics.entries()) {
      const exactMs = durationsMsIn(fleet[index]);
      expect(requests).toMatchObject({ count: exactMs.length, errorBound });
      expect(differenceOf(requests[`durationMsP${percentile}`], nearestRank(exactMs, percentile))).toBeLessThanOrEqual(
        errorBound,
      );
    }
  });
});

async function startMember(name: string, waitsMs: readonly number[]): Promise<Member> {
  const requestLog = join(folder, `${name}.ndjson`);
  const env = {
    DATABASE_URL: postgres.url,
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: stack.otlpUrl.http,
    OTEL_METRIC_EXPORT_INTERVAL: '400',
    SLOWPATH_SLOW_ENDPOINT_MIN_MS: `${slowMs}`,
    SLOWPATH_REQUEST_LOG: requestLog,
  };
  return { app: await startApp(env, 'app-durations.mjs'), requestLog, waitsMs };
}

function loadOf(count: number, fromMs: number, stepMs: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => fromMs + stepMs * (n % 20));
}

async function ask(app: StartedApp, waitMs: number): Promise<void> {
  const response = await fetch(`${app.url}/wait/${waitMs}`);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
}

/** Four at a time. */
async function sendLoad({ app, waitsMs }: Member): Promise<void> {
  const rest = waitsMs.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const waitMs of rest) await ask(app, waitMs);
    }),
  );
}

async function untilCounted(count: number): Promise<void> {
  await until(`${count} requests in Prometheus`, async () => {
    const [sample] = await prometheus.query(`histogram_count(sum(${requestSeries}))`);
    return sample?.value === count ? true : undefined;
  });
}

/** Of all requests of the process, in the order of their ends. */
function durationsMsIn(member: Member | undefined): readonly number[] {
  const lines = readFileSync(member?.requestLog ?? '', 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => (JSON.parse(line) as { readonly durationMs: number }).durationMs);
}

/** Of its load: the request before it is left out, and what came after it. */
function loadDurationsMs(member: Member): readonly number[] {
  return durationsMsIn(member).slice(1, 1 + member.waitsMs.length);
}

/** Element ⌈q·n⌉ of the sorted values. */
function nearestRank(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percentile * sorted.length) / 100) - 1] ?? Number.NaN;
}

/** Relative to what is expected. */
function differenceOf(value: number, expected: number): number {
  return Math.abs(value / expected - 1);
}

/** One value per process; the two differ so much that their order tells which is whose. */
function expectClose(values: readonly number[], expected: readonly number[], bound: number): void {
  expect(values).toHaveLength(expected.length);
  const inOrder = expected.toSorted((a, b) => a - b);
  for (const [index, value] of values.toSorted((a, b) => a - b).entries())
    expect(differenceOf(value, inOrder[index] ?? Number.NaN)).toBeLessThanOrEqual(bound);
}
