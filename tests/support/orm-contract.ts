import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPostgres, type Postgres } from '../../scripts/postgres.ts';
import type { Report } from '../../report/json.ts';
import { ROOT, runApp, serverSpan } from './app-process.ts';
import { ANSWERS, CLEAN_REQUESTS, PLANTED, QUERIES, range } from './orm-routes.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';

export interface OrmCase {
  /** `Knex, CommonJS`. */
  readonly name: string;
  /** What node runs, from the root of the repository. */
  readonly file: string;
  /** The application's files as they were written: they hold the marks of the planted lines. */
  readonly sources: readonly string[];
  readonly nodeArgs?: readonly string[];
  /** Of a database that the application prepares by itself; empty: there is none. Without it: one in the tests' PostgreSQL. */
  readonly databaseUrl?: string;
}

const CLEAN_TOTAL = 10_000;
const CONCURRENCY = 16;

/** Durations are those of a busy test machine here, and the load is ours: what they decide has to stay out. */
const NO_DURATIONS = {
  SLOWPATH_SLOW_ENDPOINT_MIN_MS: '10000',
  SLOWPATH_CONSECUTIVE_QUERIES_MIN_QUERY_MS: '10000',
  SLOWPATH_TRANSACTION_HELD_MIN_MS: '10000',
  SLOWPATH_HIGH_FREQUENCY_ENDPOINT_MIN_REQUESTS_PER_MINUTE: '1000000',
};

/**
 * The same loops and the same clean routes in every ORM and driver, against a real database. What arrives over OTLP and what
 * stands in the report is held against what was planted: how often, how, and on which line.
 */
export function describeOrm({ name, file, sources, nodeArgs = [], databaseUrl }: OrmCase): void {
  const hasDatabase = (databaseUrl ?? inject('databaseUrl')) !== '';

  describe.skipIf(!hasDatabase)(name, () => {
    let folder = '';
    let postgres: Postgres | undefined;
    let receiver: OtlpReceiver;
    let report: Report;
    const answers = new Map<string, Answer>();
    const run = async (
      reportName: string,
      env: Readonly<Record<string, string>>,
      use: (url: string) => Promise<void>,
    ): Promise<OtlpReceiver> => {
      const reportFile = { SLOWPATH_REPORT: 'json', SLOWPATH_REPORT_FILE: join(folder, reportName) };
      const url = { DATABASE_URL: databaseUrl ?? postgres?.url ?? '' };
      return (await runApp({ file, nodeArgs, env: { ...reportFile, ...url, ...env } }, use)).receiver;
    };
    const reportIn = (reportName: string): Report =>
      JSON.parse(readFileSync(join(folder, reportName), 'utf8')) as Report;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'slowpath-orm-'));
      if (databaseUrl === undefined) {
        postgres = await startPostgres({ url: inject('databaseUrl') });
        await preparePostgres(postgres.url);
      }
      receiver = await run('planted.json', NO_DURATIONS, async (url) => {
        const agent = new Agent({ keepAlive: true });
        for (const path of Object.keys(ANSWERS)) answers.set(path, await ask(agent, url + path));
        agent.destroy();
      });
      report = reportIn('planted.json');
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true });
      await postgres?.stop();
    });

    it.each(Object.entries(ANSWERS))('answers %s as the application meant to', (path, expected) => {
      expect(answers.get(path)?.status).toBe(200);
      expect(answers.get(path)?.body).toEqual(expected);
    });

    it('counts the queries of every route', () => {
      const counts = [...answers].map(([path, { queryCount }]) => [path, queryCount]);
      expect(Object.fromEntries(counts)).toEqual(QUERIES);
    });

    it.each(Object.entries(PLANTED))('finds what is planted in %s', (path, expected) => {
      const root = serverSpan(receiver.traceOf(path));
      expect(root.attributes['slowpath.findings']).toEqual([expected[0]?.kind]);
      const events = root.events.map(({ attributes }) => ({
        kind: attributes['slowpath.finding.kind'],
        mode: attributes['slowpath.finding.mode'],
        operation: attributes['slowpath.finding.operation'],
        count: attributes['slowpath.finding.count'],
      }));
      expect(events.toSorted((a, b) => Number(a.count) - Number(b.count))).toEqual(expected);
    });

    it.each(Object.keys(PLANTED))('names the lines of %s', (path) => {
      const events = serverSpan(receiver.traceOf(path)).events;
      const sites = events.map(({ attributes }) => String(attributes['slowpath.finding.call_site']));
      expect(sites.map((site) => site.replace(/:\d+$/, '')).toSorted()).toEqual(markedLines(sources, path));
      expect(sites.filter((site) => !/:\d+:\d+$/.test(site))).toEqual([]);
    });

    it.each(Object.keys(PLANTED))('names the lines of %s in the report', (path) => {
      const found = report.findings.filter(({ endpoint }) => endpoint === `GET ${path}`);
      const sites = found.map(({ evidence: { callSite } }) => `${callSite?.file}:${callSite?.line}`);
      expect(sites.toSorted()).toEqual(markedLines(sources, path));
    });

    it('says that the inner loop of /nested stands in another one', () => {
      const found = report.findings.filter(({ endpoint }) => endpoint === 'GET /nested');
      const levels = found.map(({ evidence }) => [evidence.count, evidence.nested ?? 1]);
      expect(levels.toSorted()).toEqual([
        [24, 2],
        [6, 1],
      ]);
    });

    it('finds the slow query', () => {
      const root = serverSpan(receiver.traceOf('/slow'));
      expect(root.attributes).toMatchObject({ 'slowpath.findings': ['slow-query'], 'slowpath.slow_query.count': 1 });
    });

    it.each(Object.keys(CLEAN_REQUESTS))('is silent on %s', (path) => {
      const root = serverSpan(receiver.traceOf(path));
      expect(root.events.map(({ attributes }) => attributes['slowpath.finding.summary'])).toEqual([]);
      expect(root.attributes['slowpath.findings']).toBeUndefined();
    });

    it('has every query in the metric of query durations once, by its summary', () => {
      const metrics =
        receiver.metricExports.at(-1)?.filter(({ name }) => name === 'db.client.operation.duration') ?? [];
      expect(metrics).toHaveLength(1);
      const points = metrics[0]?.points ?? [];
      const expected = Object.values(QUERIES).reduce((sum, count) => sum + count, report.leftOut.orphanQueryCount);
      expect(points.reduce((sum, { buckets }) => sum + (buckets?.count ?? 0), 0)).toBe(expected);
      for (const { attributes } of points) {
        expect(attributes['db.query.summary']).toMatch(/^[a-z]+/i);
        expect(attributes['db.system.name']).toMatch(/^(?:postgresql|mysql)$/);
      }
    });

    it('lets no value of a row, a statement or an error out', () => {
      const sent = receiver.rawText + JSON.stringify(report);
      expect(sent).toContain('slugs');
      expect(sent).not.toMatch(/(?:taken|author|post|comment|nothing|row) \d/);
    });

    it(`finds nothing in ${CLEAN_TOTAL} clean requests at ${CONCURRENCY} connections, and counts each of them`, async () => {
      const paths = spread(CLEAN_REQUESTS);
      expect(paths).toHaveLength(CLEAN_TOTAL);
      let statuses: ReadonlySet<number> = new Set();
      const sampling = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
      const env = { ...NO_DURATIONS, SLOWPATH_SLOW_QUERY_MIN_MS: '10000', ...sampling };
      await run('clean.json', env, async (url) => {
        statuses = await askAll(url, paths);
      });
      const { findings, leftOut, requests, endpoints } = reportIn('clean.json');
      expect(statuses).toEqual(new Set([200]));
      expect(findings.map(({ endpoint, summary }) => `${endpoint}: ${summary}`)).toEqual([]);
      expect(leftOut).toMatchObject({ findingsBelowReportThreshold: 0, lateQueryCount: 0, requestsInOther: 0 });
      expect(requests).toMatchObject({ count: CLEAN_TOTAL, errorCount: 0, abortedCount: 0 });
      const measured = endpoints.map(({ endpoint, count, queriesPerRequestMin, queriesPerRequestMax }) => [
        endpoint,
        [count, queriesPerRequestMin, queriesPerRequestMax],
      ]);
      const expected = Object.entries(CLEAN_REQUESTS).map(([path, count]) => [
        `GET ${path}`,
        [count, QUERIES[path], QUERIES[path]],
      ]);
      expect(Object.fromEntries(measured)).toEqual(Object.fromEntries(expected));
    }, 120_000);
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly queryCount: number;
}

function ask(agent: Agent, url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const body: unknown = status === 200 ? JSON.parse(text) : text;
        resolve({ status, body, queryCount: Number(response.headers['x-query-count']) });
      });
    }).on('error', reject);
  });
}

/** Asks for every path, over connections that stay open, and gives the statuses that came back. */
async function askAll(url: string, paths: readonly string[]): Promise<ReadonlySet<number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const statuses = new Set<number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < paths.length; index = next++) {
      const { status } = await ask(agent, `${url}${paths[index] ?? ''}?id=${(index % 32) + 1}`);
      statuses.add(status);
    }
  };
  await Promise.all(range(CONCURRENCY).map(worker));
  agent.destroy();
  return statuses;
}

/** Each path as often as `counts` says, evenly among the others. */
function spread(counts: Readonly<Record<string, number>>): readonly string[] {
  const places = Object.entries(counts).flatMap(([path, count]) =>
    range(count).map((nth) => ({ path, place: (nth - 0.5) / count })),
  );
  return places.toSorted((a, b) => a.place - b.place).map(({ path }) => path);
}

/** `file:line` of the lines that end in the mark of this route; each must be there, or nothing would be compared. */
function markedLines(sources: readonly string[], path: string): readonly string[] {
  const marked = sources.flatMap((source) => {
    const lines = readFileSync(join(ROOT, source), 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      line.endsWith(`// planted: ${path.slice(1)}`) ? [`${source}:${index + 1}`] : [],
    );
  });
  if (marked.length !== PLANTED[path]?.length) throw new Error(`${marked.length} lines are marked as ${path}`);
  return marked.toSorted();
}

async function preparePostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(readFileSync(join(ROOT, 'tests/support/orm-schema.sql'), 'utf8'));
  await client.end();
}
