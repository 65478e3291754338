import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runApp, serverSpan } from '../support/app-process.ts';
import type { OtlpReceiver, ReceivedSpan } from '../support/otlp-receiver.ts';

const CALL_MS = 70;
const KINDS = ['n-plus-one-http', 'consecutive-http', 'transaction-held'];

/** What each path is: the kind of finding, the call that it names, and its count. */
const FOUND = [
  ['/loop-fetch', 'n-plus-one-http', 'GET <host>/users/{id}?token', 6, 'sequential'],
  ['/loop-http', 'n-plus-one-http', 'GET <host>/users/{id}', 6, 'sequential'],
  ['/loop-parallel', 'n-plus-one-http', 'GET <host>/users/{id}', 6, 'parallel'],
  ['/loop-put', 'n-plus-one-http', 'PUT <host>/users/{id}', 6, 'sequential'],
  ['/one-by-one', 'consecutive-http', 'GET <host>/profile, GET <host>/bills, GET <host>/mail', 3, 'sequential'],
  ['/held-fetch', 'transaction-held', 'POST <host>/charges/{id}', 1, undefined],
  ['/held-http', 'transaction-held', 'GET <host>/charges/{id}', 1, undefined],
] as const;
const SILENT = ['/pages', '/poll', '/graphql', '/batch', '/together', '/held-after', '/held-beside', '/held-closed'];

/** The service that is called; what it does takes time. */
async function startUpstream(): Promise<{ readonly server: Server; readonly host: string }> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/quick') response.end('{}');
    else setTimeout(() => response.end('{}'), CALL_MS);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const databaseUrl = inject('databaseUrl');

describe.skipIf(databaseUrl === '')('an application that calls another service', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let receiver: OtlpReceiver;
  let stderr = '';

  beforeAll(async () => {
    upstream = await startUpstream();
    const env = {
      DATABASE_URL: databaseUrl,
      UPSTREAM: `http://${upstream.host}`,
      SLOWPATH_CONSECUTIVE_HTTP_MIN_CALL_MS: '50',
      SLOWPATH_CONSECUTIVE_HTTP_MIN_SAVED_MS: '100',
      SLOWPATH_REPORT: 'text',
    };
    const run = await runApp({ file: 'tests/fixtures/app-calls.mjs', env }, async (url) => {
      for (const path of ['/warm', ...FOUND.map(([found]) => found), ...SILENT]) {
        const response = await fetch(url + path);
        expect({ path, status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
      }
    });
    receiver = run.receiver;
    stderr = run.app.stderr;
  });
  afterAll(() => void upstream.server.close());

  const findingsOf = (path: string): readonly ReceivedSpan['events'][number]['attributes'][] =>
    serverSpan(receiver.traceOf(path))
      .events.map(({ attributes }) => attributes)
      .filter((attributes) => KINDS.includes(String(attributes['slowpath.finding.kind'])));
  const callsOf = (path: string): number =>
    receiver.traceOf(path).filter((span) => span.kind === 'CLIENT' && 'url.full' in span.attributes).length;

  it.each(FOUND)('has in %s one finding of %s: %s', (path, kind, query, count, mode) => {
    expect(callsOf(path)).toBe(count);
    const [finding, ...more] = findingsOf(path);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      'slowpath.finding.kind': kind,
      'slowpath.finding.query': query.replaceAll('<host>', upstream.host),
      'slowpath.finding.count': count,
    });
    expect(finding?.['slowpath.finding.mode']).toBe(mode);
  });

  it.each(SILENT)('has no finding in %s, whose calls it saw', (path) => {
    expect(callsOf(path)).toBeGreaterThan(0);
    expect(findingsOf(path)).toEqual([]);
  });

  it('lets no value of a URL or a body out but the path that the span has', () => {
    const findings = receiver.spans.flatMap(({ events }) => events.map(({ attributes }) => attributes));
    expect(findings.length).toBeGreaterThan(FOUND.length - 1);
    expect(JSON.stringify(findings)).not.toContain('canary');
    expect(stderr).toContain('n-plus-one-http');
    expect(stderr).not.toContain('canary');
    expect(receiver.rawText).not.toContain('token=canary');
  });
});
