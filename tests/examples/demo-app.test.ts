import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPECTED } from '../../examples/demo/expected.ts';
import { addMissingIndex, seed } from '../../examples/demo/seed.ts';
import { type Postgres, startPostgres } from '../../scripts/postgres.ts';
import { type QueryCountingProxy, startQueryCountingProxy } from './query-counting-proxy.ts';

const demoFolder = fileURLToPath(new URL('../../examples/demo', import.meta.url));
const variants = ['planted', 'fixed'] as const;
type Variant = (typeof variants)[number];

let postgres: Postgres | undefined;
let proxy: QueryCountingProxy | undefined;
const processes: ChildProcess[] = [];
const urls = new Map<Variant, string>();

beforeAll(async () => {
  postgres = await startPostgres({ url: process.env['SLOWPATH_TEST_DATABASE_URL'] });
  await seed(postgres.url, { usageRows: 200_000 });
  proxy = await startQueryCountingProxy(postgres.url);
  for (const variant of variants) urls.set(variant, await startService(variant, proxy.url));
});

afterAll(async () => {
  for (const child of processes) child.kill('SIGTERM');
  await Promise.all(processes.filter((child) => child.exitCode === null).map((child) => once(child, 'exit')));
  await proxy?.close();
  await postgres?.stop();
});

describe.each(variants)('the %s service', (variant) => {
  it.each(EXPECTED)('sends as many queries as planned for $endpoint', async ({ endpoint, queriesPerRequest }) => {
    const counts: number[] = [];
    for (let n = 0; n < 3; n++) {
      proxy?.takeCount();
      await answerOf(variant, endpoint);
      counts.push(proxy?.takeCount() ?? Number.NaN);
    }
    expect(counts).toEqual(Array(3).fill(queriesPerRequest[variant]));
  });
});

it.each(EXPECTED)('answers $endpoint with the same JSON in both variants', async ({ endpoint }) => {
  const answer = await answerOf('planted', endpoint);
  expect(await answerOf('fixed', endpoint)).toEqual(answer);
  expect(JSON.stringify(answer).length).toBeGreaterThan(40);
});

it('answers with the rows that the requests are about', async () => {
  expect(await answerOf('planted', 'GET /api/meetings/list')).toHaveLength(20);
  expect(await answerOf('planted', 'GET /api/health')).toEqual({ schemaVersion: 3, checked: 20, down: [] });
  expect(await answerOf('fixed', 'GET /api/user/usage')).toMatchObject({
    userId: 1,
    plan: 'team',
    features: { length: 8 },
  });
  expect(await answerOf('fixed', 'POST /api/rag/chat')).toMatchObject({ sources: { length: 12 } });
});

it('counts more queries for the planted variant, except for the control', () => {
  const worse = EXPECTED.filter(({ queriesPerRequest }) => queriesPerRequest.planted > queriesPerRequest.fixed);
  expect(EXPECTED.filter((expected) => !worse.includes(expected))).toMatchObject([
    { endpoint: 'GET /api/health', findings: [] },
  ]);
});

it('makes the slow query fast with the index that is missing', async () => {
  const { fixedQueryMs } = await addMissingIndex(postgres?.url ?? '');
  expect(fixedQueryMs).toBeLessThan(50);
});

it('mentions the tool in the code of the service only where its cache is used', () => {
  const files = readdirSync(demoFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const mentioning = files.filter((name) => readFileSync(join(demoFolder, name), 'utf8').includes('slowpath'));
  expect(files.length).toBeGreaterThan(10);
  expect(mentioning).toEqual([join('endpoints', 'cached.ts')]);
});

async function startService(variant: Variant, databaseUrl: string): Promise<string> {
  const child = spawn(process.execPath, [join(demoFolder, 'app.ts')], {
    env: { PATH: process.env['PATH'], PORT: '0', DATABASE_URL: databaseUrl, DEMO_VARIANT: variant },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The ${variant} service ended before it took requests.`);
}

async function answerOf(variant: Variant, endpoint: string): Promise<unknown> {
  const [method = '', path = ''] = endpoint.split(' ');
  const isPost = method === 'POST';
  const answer = await fetch(new URL(path, urls.get(variant)), {
    method,
    ...(isPost && { body: '{"question":"Who decides?"}', headers: { 'content-type': 'application/json' } }),
  });
  expect(answer.status).toBe(200);
  return await answer.json();
}
