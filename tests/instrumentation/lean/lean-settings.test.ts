import { describe, expect, inject, it } from 'vitest';
import { runApp, serverSpan } from '../../support/app-process.ts';
import type { OtlpReceiver } from '../../support/otlp-receiver.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const B3 = { b3: `${TRACE_ID}-b7ad6b7169203331-1` };
const TRACEPARENT = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };

interface Asked {
  readonly receiver: OtlpReceiver;
  readonly stderr: string;
  readonly answers: readonly string[];
}

async function ask(
  file: string,
  env: Readonly<Record<string, string>>,
  paths: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  const answers: string[] = [];
  const all = { DATABASE_URL: inject('databaseUrl'), SLOWPATH_INSTRUMENTATION: 'lean', ...env };
  const { receiver, app } = await runApp({ file, env: all, withSlowpath: !file.includes('app-lean') }, async (url) => {
    for (const path of paths) answers.push(await (await fetch(url + path, { headers })).text());
  });
  return { receiver, stderr: app.stderr, answers };
}

const HTTP = 'tests/fixtures/app-http.cjs';

describe.skipIf(inject('databaseUrl') === '')('the lean SDK honours', () => {
  it.each([
    ['by default', {}, TRACEPARENT, true],
    ['by default, no b3', {}, B3, false],
    ['b3', { OTEL_PROPAGATORS: 'b3' }, B3, true],
    ['b3 alone', { OTEL_PROPAGATORS: 'b3' }, TRACEPARENT, false],
    ['none', { OTEL_PROPAGATORS: 'none' }, TRACEPARENT, false],
  ])('OTEL_PROPAGATORS: %s', async (_name, env, headers, isTaken) => {
    const { receiver } = await ask(HTTP, env, ['/quiet'], headers);
    expect(serverSpan(receiver.traceOf('/quiet')).traceId === TRACE_ID).toBe(isTaken);
  });

  it.each([
    [{}, 'application/x-protobuf'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'application/json'],
    [
      { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      'application/x-protobuf',
    ],
  ])('the protocol: %o', async (env, contentType) => {
    const { receiver } = await ask(HTTP, env, ['/loop']);
    expect(receiver.requestHeaders['content-type']).toBe(contentType);
    expect(receiver.traceOf('/loop')).toHaveLength(12);
  });

  it('OTEL_NODE_DISABLED_INSTRUMENTATIONS', async () => {
    const withoutPg = await ask(HTTP, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' }, ['/loop']);
    expect(withoutPg.receiver.traceOf('/loop').map(({ kind }) => kind)).toEqual(['SERVER']);
    const withoutHttp = await ask(HTTP, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' }, ['/loop']);
    expect(new Set(withoutHttp.receiver.spans.map(({ kind }) => kind))).toEqual(new Set(['CLIENT']));
  });

  it('OTEL_RESOURCE_ATTRIBUTES, and the detectors that are named', async () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=canary,service.name=shop' };
    const { receiver } = await ask(HTTP, env, ['/quiet']);
    expect(receiver.rawText).toContain('deployment.environment.name');
    expect(receiver.rawText).toContain('process.pid');
    expect(receiver.spans[0]?.serviceName).toBe('shop');
    const none = await ask(HTTP, { ...env, OTEL_NODE_RESOURCE_DETECTORS: 'none', OTEL_METRICS_EXPORTER: 'none' }, [
      '/quiet',
    ]);
    expect(none.receiver.rawText).not.toContain('process.pid');
  });

  it('what it does not have by starting the official SDK, and says so', async () => {
    const { receiver, stderr } = await ask(HTTP, { OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true' }, ['/quiet']);
    expect(stderr).toContain('has no OTEL_NODE_EXPERIMENTAL_SDK_METRICS; using auto.');
    expect(serverSpan(receiver.traceOf('/quiet')).scope).toBe('@opentelemetry/instrumentation-http');
  });

  it("an application's processors and instrumentations, and serves https", async () => {
    const paths = ['/own', '/secure', '/self', '/seen'];
    const { receiver, answers, stderr } = await ask('tests/fixtures/app-lean.mjs', {}, paths);
    expect(answers.slice(0, 3)).toEqual(['own', 'secure', 'plain']);
    expect(JSON.parse(answers[3] ?? '')).toEqual(
      expect.arrayContaining(['start GET', 'start own', 'end own 32 false', 'end GET 32 true']),
    );
    const drawn = (path: string): readonly string[] =>
      receiver.traceOf(path).map(({ kind, attributes }) => `${kind} ${String(attributes['url.scheme'] ?? '')}`);
    expect(
      receiver
        .traceOf('/own')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['GET', 'own']);
    expect(drawn('/secure').toSorted()).toEqual(['CLIENT ', 'SERVER http', 'SERVER https']);
    expect(drawn('/self').toSorted()).toEqual(['CLIENT ', 'SERVER http', 'SERVER http']);
    // A call to itself is another request, with a record of its own.
    const servers = receiver.traceOf('/self').filter(({ kind }) => kind === 'SERVER');
    expect(servers.map(({ attributes }) => attributes['slowpath.endpoint']).toSorted()).toEqual([
      'GET /plain',
      'GET /self',
    ]);
    expect(stderr).not.toContain('fault');
  });
});
