import { beforeAll, describe, expect, inject, it } from 'vitest';
import { comparable } from './comparable.ts';
import { runtimes } from './runtimes.ts';
import { drive, hex, traceparent, type Call, type Run } from './traffic.ts';

const ofEverything: readonly Call[] = [
  { label: 'plain', path: '/healthz?x=1&y=%20' },
  { label: 'statements', path: '/statements' },
  { label: 'rollback', path: '/rollback' },
  { label: 'SQL error', path: '/sql-error' },
  { label: 'callbacks', path: '/callback' },
  { label: 'bad call', path: '/bad-call' },
  { label: 'spans of the application', path: '/nested' },
  { label: 'fetch', path: '/fetch' },
  { label: 'http.get', path: '/get' },
  { label: 'floating', path: '/floating' },
  { label: 'baggage', path: '/baggage', headers: { baggage: 'key=value;p=1,other=2', tracestate: 'a=1,b=2' } },
  { label: 'upper case', path: '/healthz', headers: { traceparent: traceparent('A'.repeat(32)) } },
  { label: 'version 01', path: '/healthz', headers: { traceparent: `01-${'b'.repeat(32)}-00000000000000ab-01-more` } },
  { label: 'version 00 too long', path: '/healthz', headers: { traceparent: `${traceparent('c'.repeat(32))}-more` } },
  { label: 'zero', path: '/healthz', headers: { traceparent: traceparent(hex(0)) } },
  { label: 'bad state', path: '/healthz', headers: { tracestate: 'UPPER=1,,ok=2, =3' } },
  { label: 'unsampled', path: '/users/3', headers: { traceparent: traceparent('d'.repeat(32), '00') } },
  { label: 'forwarded', path: '/healthz', headers: { forwarded: 'for=192.0.2.1;host=shop.example;proto=https' } },
  { label: 'proxied', path: '/healthz', headers: { 'x-forwarded-for': '198.51.100.7, 10.0.0.1', host: 'shop:81' } },
  { label: 'head', path: '/healthz', method: 'HEAD' },
  { label: 'unknown method', path: '/healthz', method: 'PROPFIND' },
  { label: 'nowhere', path: '/nowhere/99' },
  { label: 'parameter', path: '/users/1' },
  { label: 'body', path: '/echo', method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":"b"}' },
  {
    label: 'body in two packets',
    path: '/echo',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":"b"}',
    inTwoPackets: true,
  },
  { label: 'submittable', path: '/submittable' },
  { label: 'cursor', path: '/cursor' },
  { label: 'aborted', path: '/slow', isAborted: true },
  { label: 'closed', path: '/closed' },
];

const ofExpress: readonly Call[] = [
  { label: 'root', path: '/' },
  { label: 'root of a router', path: '/users' },
  { label: 'error in a router', path: '/users/1/fail' },
  { label: 'throw in a router', path: '/users/1/throw' },
  { label: 'mount with a parameter', path: '/u/9/posts/3' },
  { label: 'router in a router', path: '/api/v1/items/5' },
  { label: 'mounted middleware', path: '/files/there' },
  { label: 'application in an application', path: '/admin/panel/7' },
  { label: 'one of a list', path: '/list-b' },
  { label: 'regular expression', path: '/regex' },
  { label: 'next route', path: '/chained' },
  { label: 'wildcard', path: '/all/of/it' },
  { label: 'raw body', path: '/raw', method: 'POST', body: '0123456789', inTwoPackets: true },
  { label: 'stream', path: '/stream' },
];
const ofFastify: readonly Call[] = [
  { label: 'prefix', path: '/api/v1/items/5' },
  { label: 'throw', path: '/throw' },
];

const [main, ...others] = runtimes;

/** The official ones always run on the Node.js of the tests. */
const CASES = [
  { framework: 'express5', calls: [...ofEverything, ...ofExpress], runtime: main },
  ...others.map((runtime) => ({ framework: 'express5', calls: [...ofEverything, ...ofExpress], runtime })),
  { framework: 'express4', calls: [...ofEverything, ...ofExpress], runtime: main },
  { framework: 'fastify', calls: [...ofEverything, ...ofFastify], runtime: main },
].map((each) => ({ ...each, runtimeName: each.runtime?.name ?? '' }));

/** Ports of this run, and ids of its spans. */
const OF_THE_RUN = /127\.0\.0\.1:\d+|(?<=00-[0-9a-f]{32}-)[0-9a-f]{16}/g;

/** What lean does otherwise, each with its reason on docs/lean-path.md. */
const DIFFERENCES: Readonly<Record<string, (spans: readonly string[]) => readonly string[]>> = {
  // Never ended by the official instrumentation, and so never sent.
  submittable: (spans) => spans.filter((span) => !span.includes('SELECT 4 AS submitted')),
  cursor: (spans) =>
    spans
      .filter((span) => !span.includes('SELECT id FROM users ORDER BY id'))
      .map((span) => span.replace('["slowpath.query.count",1]', '["slowpath.query.count",0]')),
  // The official one loses the path that the inner application is mounted on.
  'application in an application': (spans) => spans.map((span) => span.replaceAll('/admin/panel/:id', '/panel/:id')),
};

const databaseUrl = inject('databaseUrl');
const envOf = (mode: string, framework: string): Record<string, string> => ({
  SLOWPATH_INSTRUMENTATION: mode,
  FRAMEWORK: framework,
  DATABASE_URL: databaseUrl,
});

describe.each(CASES)(
  'the same traffic through official and lean instrumentations: $framework on $runtimeName',
  ({ framework, calls, runtime }) => {
    const runs = new Map<string, Run>();
    const run = (mode: string): Run => {
      const found = runs.get(mode);
      if (found === undefined) throw new Error(`no run of ${mode}`);
      return found;
    };

    beforeAll(async () => {
      runs.set('auto', await drive({ env: envOf('auto', framework) }, calls));
      runs.set('lean', await drive({ env: envOf('lean', framework), ...runtime }, calls));
    });

    it.each(calls.map(({ label }) => label))('spans: %s', (label) => {
      const theirs = comparable(run('auto').spans.get(label) ?? []);
      const ours = comparable(run('lean').spans.get(label) ?? []);
      const asOfficial = DIFFERENCES[label] ?? ((spans) => spans);
      // What is unsampled is sent by neither.
      expect(theirs.length).toBeGreaterThanOrEqual(label === 'unsampled' ? 0 : 1);
      expect(asOfficial(ours)).toEqual(theirs);
      if (label in DIFFERENCES) expect(ours).not.toEqual(theirs);
    });

    it.each(calls.map(({ label }) => label))('answer: %s', (label) => {
      const body = (mode: string): string =>
        (JSON.stringify(run(mode).answers.get(label)?.body) ?? '').replaceAll(OF_THE_RUN, '(run)');
      expect(body('lean')).toBe(body('auto'));
    });

    it.each([
      ['fetch', 'GET'],
      ['http.get', 'GET'],
    ])('names the span of %s in what it sends', (label, name) => {
      const client = run('lean')
        .spans.get(label)
        ?.find((span) => span.kind === 'CLIENT' && span.name === name);
      expect(client).toBeDefined();
      expect(JSON.stringify(run('lean').answers.get(label)?.body)).toContain(
        `00-${String(client?.traceId)}-${String(client?.spanId)}-01`,
      );
    });

    it('says nothing but that it is on', () => {
      const lines = run('lean')
        .app.stderr.split('\n')
        .filter((line) => line !== '');
      expect(lines.filter((line) => !line.startsWith('slowpath: on:') && !line.startsWith('slowpath: new'))).toEqual(
        [],
      );
    });
  },
);
