import { describe, expect, inject, it } from 'vitest';
import { AppProcess, serverSpan } from '../support/app-process.ts';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';

const PATHS = ['/users/17', '/list', '/loop', '/sql-error'];

interface Run {
  readonly own: OtlpReceiver;
  readonly ours: OtlpReceiver;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(file: string, withSlowpath: boolean, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const own = await OtlpReceiver.start();
  const ours = await OtlpReceiver.start();
  const app = AppProcess.start({
    file,
    withSlowpath,
    env: {
      DATABASE_URL: inject('databaseUrl'),
      OWN_ENDPOINT: own.endpoint,
      OTEL_EXPORTER_OTLP_ENDPOINT: ours.endpoint,
      ...env,
    },
  });
  try {
    const url = await app.url();
    for (const path of PATHS) await (await fetch(url + path)).text();
    const { code } = await app.end('SIGTERM');
    expect(code).toBe(0);
    return { own, ours, stdout: app.stdout, stderr: app.stderr };
  } finally {
    app.kill();
    await Promise.all([own.stop(), ours.stop()]);
  }
}

/** What a run exported, without what differs from run to run: ids, ports, times. */
function comparable(spans: readonly ReceivedSpan[]): readonly string[] {
  const changing = new Set(['network.peer.port', 'network.local.port', 'server.port', 'client.port']);
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .map(({ name, kind, parentSpanId, attributes, events, status, scope }) => {
      const kept = Object.entries(attributes).filter(([key]) => !changing.has(key));
      const parent = parentSpanId === undefined ? 'root' : names.get(parentSpanId);
      return JSON.stringify([
        kind,
        name,
        parent,
        Object.fromEntries(kept.toSorted()),
        events.map((event) => event.name),
        status,
        scope,
      ]);
    })
    .toSorted();
}

describe.skipIf(inject('databaseUrl') === '')("beside the application's own SDK", () => {
  it.each(['tests/fixtures/app-own-sdk.cjs', 'tests/fixtures/app-own-sdk-late.cjs'])(
    'its exporter receives what it received without slowpath: %s',
    async (file) => {
      const without = await run(file, false);
      const beside = await run(file, true);
      expect(without.own.spans.length).toBeGreaterThan(15);
      expect(comparable(beside.own.spans)).toEqual(comparable(without.own.spans));
      expect(beside.ours.spans).toEqual([]);
      const lines = beside.stderr.split('\n').filter((line) => line.includes('steps aside'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('new RequestSpanProcessor()');
    },
  );

  it('its processor measures: the same findings, on the spans of that SDK', async () => {
    const { own, ours, stdout } = await run('tests/fixtures/app-own-sdk.mjs', true, { WITH_PROCESSOR: 'yes' });
    const root = serverSpan(own.traceOf('/loop'));
    expect(root.attributes).toMatchObject({ 'slowpath.findings': ['n-plus-one'], 'slowpath.query.count': 11 });
    expect(stdout).toContain('measured GET /users/{id} 1');
    expect(ours.spans).toEqual([]);
  });

  it('its processor measures without the flag as well', async () => {
    const { own } = await run('tests/fixtures/app-own-sdk.mjs', false, { WITH_PROCESSOR: 'yes' });
    expect(serverSpan(own.traceOf('/loop')).attributes['slowpath.findings']).toEqual(['n-plus-one']);
    expect(own.rawText).not.toContain('canary');
  });

  it('that runs already is left alone', async () => {
    const own = await OtlpReceiver.start();
    const app = AppProcess.start({
      file: 'tests/fixtures/app-http.cjs',
      withSlowpath: false,
      nodeArgs: ['--require', './tests/fixtures/start-own-sdk.cjs', '--import', './dist/instrumentation/register.js'],
      env: { DATABASE_URL: inject('databaseUrl'), OWN_ENDPOINT: own.endpoint },
    });
    try {
      await (await fetch(`${await app.url()}/loop`)).text();
      await app.end('SIGTERM');
    } finally {
      app.kill();
      await own.stop();
    }
    expect(app.stderr).toContain('an OpenTelemetry SDK is running already');
    expect(serverSpan(own.traceOf('/loop')).attributes['slowpath.findings']).toBeUndefined();
  });
});
