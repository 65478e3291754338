import { beforeAll, describe, expect, inject, it } from 'vitest';
import { comparable } from './comparable.ts';
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

const FRAMEWORKS = [
  { framework: 'express5', calls: [...ofEverything, ...ofExpress] },
  { framework: 'express4', calls: [...ofEverything, ...ofExpress] },
  { framework: 'fastify', calls: [...ofEverything, ...ofFastify] },
] as const;

describe.each(FRAMEWORKS)('$framework', ({ framework, calls }) => {
  const databaseUrl = inject('databaseUrl');
  const runs = new Map<string, Run>();
  const run = (mode: string): Run => {
    const found = runs.get(mode);
    if (found === undefined) throw new Error(`no run of ${mode}`);
    return found;
  };

  beforeAll(async () => {
    for (const mode of ['auto', 'lean']) {
      const env = { SLOWPATH_INSTRUMENTATION: mode, FRAMEWORK: framework, DATABASE_URL: databaseUrl };
      runs.set(mode, await drive({ env }, calls));
    }
  });

  it.each(calls.map(({ label }) => label))('%s', (label) => {
    const theirs = comparable(run('auto').spans.get(label) ?? []);
    const ours = comparable(run('lean').spans.get(label) ?? []);
    expect(ours).toEqual(theirs);
  });
  it.each(calls.map(({ label }) => label))('answers %s', (label) => {
    expect(run('lean').answers.get(label)?.body).toEqual(run('auto').answers.get(label)?.body);
  });
});
