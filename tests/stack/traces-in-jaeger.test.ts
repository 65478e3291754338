import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPostgres, type Postgres } from '../../scripts/postgres.ts';
import { eventsOf, findTraces, parentIdOf, tagOf, type JaegerSpan } from './jaeger-query.ts';
import { startApp } from './start-app.ts';
import { collectorConfig, startStack, type Stack } from './start-stack.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const binaries = inject('collectorBinaries');

// Each in one place where an application may have a secret, and no other.
const secrets = {
  urlQuery: 'planted-in-url-query-5e1f',
  sqlLiteral: 'planted-in-sql-literal-9c07',
  sqlParameter: 'planted-in-sql-parameter-b3d8',
};
const loopQueries = 10;
const spansOfLoop = 1 + 1 + loopQueries; // the request, the list, and one query per row
const spansOfJoin = 1 + 1;

let postgres: Postgres;
let stack: Stack;

beforeAll(async () => {
  // A database of its own in the tests' server; where that could not be started, this says why, and fails.
  postgres = await startPostgres({ url: inject('databaseUrl') });
  await seed(postgres.url);
  stack = await startStack(binaries);
});

afterAll(async () => {
  await stack?.stop();
  await postgres?.stop();
});

describe('otel-collector.yaml', () => {
  it('is accepted by the Collector that it is written for, without a word', async () => {
    const { stdout, stderr } = await run(binaries.otelcol, ['validate', '--config', collectorConfig]);
    expect(stdout + stderr).toBe('');
  });
});

describe.each([
  { protocol: 'http/json', transport: 'http' },
  { protocol: 'http/protobuf', transport: 'http' },
  { protocol: 'grpc', transport: 'grpc' },
] as const)('a service that sends $protocol through the Collector', ({ protocol, transport }) => {
  const service = `stack-${protocol}`;

  beforeAll(async () => {
    const app = await startApp({
      DATABASE_URL: postgres.url,
      SQL_LITERAL: secrets.sqlLiteral,
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: stack.otlpUrl[transport],
      // Without it slowpath has http/json for its default.
      ...(protocol !== 'http/json' && { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }),
    });
    try {
      const looped = await getJson(`${app.url}/orders?token=${secrets.urlQuery}`);
      const joined = await getJson(`${app.url}/orders-joined?token=${secrets.urlQuery}`);
      expect(looped).toHaveLength(loopQueries);
      expect(joined).toEqual(looped);
    } finally {
      const exitCode = await app.stop();
      expect(exitCode, app.output()).toBe(0);
    }
  });

  it('shows its requests, queries and findings as metrics, counted exactly', async () => {
    const page = await until('the metrics of the service', async () => {
      const text = await (await fetch(stack.applicationMetricsUrl)).text();
      return text.includes(`job="${service}"`) ? text : undefined;
    });
    const samples = page.split('\n').filter((line) => line.includes(`job="${service}"`));
    const valueOf = (...parts: string[]): number =>
      samples
        .filter((line) => parts.every((part) => line.includes(part)))
        .reduce((sum, line) => sum + Number(line.split('} ')[1]?.split(' ')[0]), 0);
    expect(valueOf('http_server_request_duration_seconds_count{')).toBe(2);
    expect(valueOf('db_client_operation_duration_seconds_count{')).toBe(1 + loopQueries + 1);
    expect(valueOf('slowpath_findings', 'n-plus-one')).toBe(1);
    for (const secret of Object.values(secrets)) expect(page).not.toContain(secret);
  });

  it('has the whole trace of its N+1 request in Jaeger, found by the tag slowpath.n_plus_one.count=1', async () => {
    const trace = await untilTrace(service, { 'slowpath.n_plus_one.count': '1' }, spansOfLoop);
    const request = onlyServerSpan(trace);
    const queries = trace.filter((span) => span !== request);
    expect(tagOf(request.tags, 'slowpath.query.count')).toBe(1 + loopQueries);
    expect(queries.map(parentIdOf)).toEqual(queries.map(() => request.spanID));
    expect(queries.map((query) => tagOf(query.tags, 'span.kind'))).toEqual(queries.map(() => 'client'));
    expect(queries.filter((query) => queryText(query).startsWith('SELECT name FROM users'))).toHaveLength(loopQueries);
  });

  it('has the finding on the request as an event, with the count and the query', async () => {
    const trace = await untilTrace(service, { 'slowpath.n_plus_one.count': '1' }, spansOfLoop);
    const [finding, ...others] = eventsOf(onlyServerSpan(trace), 'slowpath.finding');
    expect(others).toEqual([]);
    expect(finding).toBeDefined();
    expect(tagOf(finding ?? [], 'slowpath.finding.kind')).toBe('n-plus-one');
    expect(tagOf(finding ?? [], 'slowpath.finding.count')).toBe(loopQueries);
    expect(tagOf(finding ?? [], 'slowpath.finding.query')).toMatch(/^SELECT name FROM users WHERE email = /);
  });

  it('has no finding on the request that asks once', async () => {
    const trace = await untilTrace(service, { 'slowpath.query.count': '1' }, spansOfJoin);
    const request = onlyServerSpan(trace);
    expect(eventsOf(request, 'slowpath.finding')).toEqual([]);
    expect(tagOf(request.tags, 'slowpath.findings')).toBeUndefined();
  });

  it('tells Jaeger nothing secret: neither a URL query, nor a literal or a parameter of SQL', async () => {
    await untilTrace(service, { 'slowpath.n_plus_one.count': '1' }, spansOfLoop);
    await untilTrace(service, { 'slowpath.query.count': '1' }, spansOfJoin);
    const { traces, text } = await findTraces(stack.jaegerUrl, service);
    // Both requests must be in the text that is searched, or the search would prove nothing.
    expect(traces.map((spans) => spans.length).toSorted((a, b) => a - b)).toEqual([spansOfJoin, spansOfLoop]);
    expect(text.includes('FROM orders WHERE note')).toBe(true);
    expect(Object.values(secrets).filter((secret) => text.includes(secret))).toEqual([]);
  });
});

describe('the pipeline, after all of it', () => {
  it('shows the services that sent traces, and no other', async () => {
    const response = await fetch(`${stack.jaegerUrl}/api/services`);
    const { data } = (await response.json()) as { readonly data: readonly string[] };
    expect(data.toSorted()).toEqual(['stack-grpc', 'stack-http/json', 'stack-http/protobuf']);
  });

  it('has passed on every span that it took, and refused none', async () => {
    const expected = 3 * (spansOfLoop + spansOfJoin);
    const numbers = await until('the Collector to have sent all spans', async () => {
      const current = await collectorNumbers();
      return current.sent === current.accepted ? current : undefined;
    });
    expect(numbers).toEqual({ accepted: expected, refused: 0, sent: expected, failed: 0, dropped: 0 });
  });
});

async function seed(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      CREATE TABLE users (email text PRIMARY KEY, name text NOT NULL);
      CREATE TABLE orders (id integer PRIMARY KEY, user_email text NOT NULL REFERENCES users, note text NOT NULL DEFAULT '');
      INSERT INTO users SELECT '${secrets.sqlParameter}-' || n, 'User ' || n FROM generate_series(1, ${loopQueries}) n;
      INSERT INTO orders (id, user_email) SELECT n, '${secrets.sqlParameter}-' || n FROM generate_series(1, ${loopQueries}) n;
    `);
  } finally {
    await client.end();
  }
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return await response.json();
}

/** The only trace of the service with these tags, when it has at least so many spans. */
async function untilTrace(
  service: string,
  tags: Readonly<Record<string, string>>,
  spanCount: number,
): Promise<readonly JaegerSpan[]> {
  let lastText = '';
  const trace = await until(
    `${spanCount} spans of ${service} with ${JSON.stringify(tags)}`,
    async () => {
      const { traces, text } = await findTraces(stack.jaegerUrl, service, tags);
      lastText = text;
      expect(traces.length).toBeLessThanOrEqual(1);
      return traces.find((spans) => spans.length >= spanCount);
    },
    { state: () => `Jaeger's last answer: ${lastText.slice(0, 5000)}` },
  );
  expect(trace).toHaveLength(spanCount);
  return trace;
}

function onlyServerSpan(trace: readonly JaegerSpan[]): JaegerSpan {
  const [request, ...others] = trace.filter((span) => tagOf(span.tags, 'span.kind') === 'server');
  expect(others).toEqual([]);
  if (request === undefined) throw new Error('The trace has no SERVER span.');
  return request;
}

function queryText(span: JaegerSpan): string {
  return String(tagOf(span.tags, 'db.query.text') ?? tagOf(span.tags, 'db.statement'));
}

async function collectorNumbers(): Promise<Record<'accepted' | 'refused' | 'sent' | 'failed' | 'dropped', number>> {
  const response = await fetch(stack.collectorMetricsUrl);
  const lines = (await response.text()).split('\n');
  const sum = (name: string): number =>
    lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name}_total{`))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
  return {
    accepted: sum('otelcol_receiver_accepted_spans'),
    refused: sum('otelcol_receiver_refused_spans'),
    sent: sum('otelcol_exporter_sent_spans'),
    failed: sum('otelcol_exporter_send_failed_spans'),
    dropped: sum('otelcol_exporter_enqueue_failed_spans'),
  };
}
