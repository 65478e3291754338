import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXPECTED } from '../../examples/demo/expected.ts';
import { seed } from '../../examples/demo/seed.ts';
import type { Report } from '../../report/json.ts';
import { startDemoApp } from '../../scripts/lib/demo-app.ts';
import { type LoadResult, type RequestTimes, sendDemoRequests } from '../../scripts/lib/demo-requests.ts';
import { startPostgres } from '../../scripts/postgres.ts';

/** `X-Response-Time-Ms` has one decimal. */
const HEADER_ROUNDING_MS = 0.05;
/** Of percentiles, as the report states it. */
const ERROR_BOUND = 0.011;

interface DemoLoad {
  readonly report: Report;
  readonly load: readonly LoadResult[];
  /** A request after all others: with its start on the server, the last of them was over. */
  readonly after: RequestTimes;
}

async function runDemo(): Promise<DemoLoad> {
  const postgres = await startPostgres({ url: process.env['SLOWPATH_TEST_DATABASE_URL'] });
  const folder = mkdtempSync(join(tmpdir(), 'slowpath-statistics-'));
  try {
    await seed(postgres.url, { usageRows: 200_000 });
    const reportFile = join(folder, 'report.json');
    const options = { variant: 'planted', databaseUrl: postgres.url, port: 0, reportFile } as const;
    const app = await startDemoApp({ ...options, collectorUrl: undefined });
    const load = await sendDemoRequests(app.url, () => undefined);
    const startMs = performance.now();
    const answer = await fetch(new URL('/nothing-is-here', app.url));
    await answer.text();
    const durationMs = performance.now() - startMs;
    const after = { startMs, durationMs, serverMs: Number(answer.headers.get('x-response-time-ms') ?? NaN) };
    return { load, after, report: await app.stopAndReadReport() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await postgres.stop();
  }
}

/** The least and the most that the server can have measured of each request, as the client knows. */
interface Bounds {
  readonly leastMs: number[];
  readonly mostMs: number[];
}

/**
 * At least what the answer's header says: the client's duration without the transport. At most the time up to the start of the
 * next request on the server, for the requests come one after the other, and the server ends one before it reads the next. That
 * start is no later than the next answer's arrival, less what its header says.
 */
function boundsOf({ load, after }: DemoLoad): ReadonlyMap<string, Bounds> {
  const all = load.flatMap(({ endpoint, requests }) => requests.map((request) => ({ endpoint, request })));
  all.sort((a, b) => a.request.startMs - b.request.startMs);
  const bounds = new Map(load.map(({ endpoint }) => [endpoint, { leastMs: [] as number[], mostMs: [] as number[] }]));
  for (const [n, { endpoint, request }] of all.entries()) {
    const next = all[n + 1]?.request ?? after;
    expect(next.startMs).toBeGreaterThanOrEqual(request.startMs + request.durationMs);
    const nextStartMs = next.startMs + next.durationMs - next.serverMs + HEADER_ROUNDING_MS;
    bounds.get(endpoint)?.leastMs.push(request.serverMs - HEADER_ROUNDING_MS);
    bounds.get(endpoint)?.mostMs.push(nextStartMs - request.startMs);
  }
  return bounds;
}

/** What a busy machine takes between an answer and the end of its request, in half of them. */
const INTERRUPTION_MS = 5;

/** The nearest rank: if each value lies between its two bounds, so does the n-th greatest between the n-th greatest bounds. */
function rank(values: readonly number[], percent: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil((percent * values.length) / 100)) - 1] ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

it('the statistics of the demo are those of the load generator, to the error bound and the transport', async () => {
  const demo = await runDemo();
  const { report, load } = demo;
  expect(report.errorBound).toBe(ERROR_BOUND);
  expect(load.map(({ endpoint }) => endpoint).toSorted()).toEqual(EXPECTED.map(({ endpoint }) => endpoint).toSorted());
  for (const [endpoint, { leastMs, mostMs }] of boundsOf(demo)) {
    const statistics = report.endpoints.find((one) => one.endpoint === endpoint);
    const { sent, requests = [] } = load.find((one) => one.endpoint === endpoint) ?? {};
    expect(leastMs).toHaveLength(sent ?? NaN);
    expect(statistics?.count).toBe(sent);
    const check = (what: string, value: number | undefined, least: number, most: number): void => {
      expect(value, `${what} of ${endpoint}`).toBeGreaterThanOrEqual(least);
      expect(value, `${what} of ${endpoint}`).toBeLessThanOrEqual(most);
    };
    check('the least', statistics?.durationMsMin, rank(leastMs, 0), rank(mostMs, 0));
    check('the greatest', statistics?.durationMsMax, rank(leastMs, 100), rank(mostMs, 100));
    check('the average', statistics?.durationMsAvg, mean(leastMs), mean(mostMs));
    const percentiles = [
      [50, statistics?.durationMsP50],
      [95, statistics?.durationMsP95],
      [99, statistics?.durationMsP99],
    ] as const;
    for (const [percent, value] of percentiles) {
      const [least, most] = [rank(leastMs, percent), rank(mostMs, percent)];
      check(`p${percent}`, value, least * (1 - ERROR_BOUND), most * (1 + ERROR_BOUND));
    }
    // The server may be interrupted between its answer and the end of a request, but not for long in every other one.
    const clientMs = requests.map(({ durationMs }) => durationMs);
    check('p50', statistics?.durationMsP50, 0, rank(clientMs, 50) * (1 + ERROR_BOUND) + INTERRUPTION_MS);
  }
  // What was compared says something: the transport is small beside a request that takes its time.
  const usage = boundsOf(demo).get('GET /api/user/usage');
  expect(rank(usage?.mostMs ?? [], 50)).toBeLessThan(2 * rank(usage?.leastMs ?? [], 50));
  expectEveryQuery(report, load);
});

/** By shape or by request: each query that the demo is known to send is counted once. */
function expectEveryQuery(report: Report, load: readonly LoadResult[]): void {
  for (const { endpoint, queriesPerRequest } of EXPECTED) {
    const sent = load.find((one) => one.endpoint === endpoint)?.sent ?? NaN;
    const own = report.queries.filter(({ endpoints }) => endpoints.some((one) => one === endpoint));
    expect(own.every(({ endpoints }) => endpoints.length === 1)).toBe(true);
    const total = own.reduce((sum, { count }) => sum + count, 0);
    expect(total, `queries of ${endpoint}`).toBe(sent * queriesPerRequest.planted);
  }
}
