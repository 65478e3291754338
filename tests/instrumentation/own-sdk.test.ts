import { describe, expect, inject, it } from 'vitest';
import { AppProcess, runApp, serverSpan } from '../support/app-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { comparable, runOwnSdk } from '../support/own-sdk-run.ts';

describe.skipIf(inject('databaseUrl') === '')("beside the application's own SDK", () => {
  it.each(['tests/fixtures/app-own-sdk.cjs', 'tests/fixtures/app-own-sdk-late.cjs'])(
    'its exporter receives what it received without slowpath: %s',
    async (file) => {
      const without = await runOwnSdk(file, false);
      const beside = await runOwnSdk(file, true);
      expect(without.own.spans.length).toBeGreaterThan(15);
      expect(comparable(beside.own.spans)).toEqual(comparable(without.own.spans));
      expect(beside.ours.spans).toEqual([]);
      const lines = beside.stderr.split('\n').filter((line) => line.includes('steps aside'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('new RequestSpanProcessor()');
    },
  );

  it('its processor measures: the same findings, on the spans of that SDK', async () => {
    const { own, ours, stdout } = await runOwnSdk('tests/fixtures/app-own-sdk.mjs', true, { WITH_PROCESSOR: 'yes' });
    const root = serverSpan(own.traceOf('/loop'));
    expect(root.attributes).toMatchObject({ 'slowpath.findings': ['n-plus-one'], 'slowpath.query.count': 11 });
    expect(stdout).toContain('measured GET /users/{id} 1');
    expect(ours.spans).toEqual([]);
  });

  it('its processor measures without the flag as well', async () => {
    const { own } = await runOwnSdk('tests/fixtures/app-own-sdk.mjs', false, { WITH_PROCESSOR: 'yes' });
    expect(serverSpan(own.traceOf('/loop')).attributes['slowpath.findings']).toEqual(['n-plus-one']);
    expect(own.rawText).not.toContain('canary');
  });

  it('has the lean spans by one instrumentation: the same routes, queries and findings', async () => {
    const { own, stdout } = await runOwnSdk('tests/fixtures/app-own-sdk-lean.mjs', false);
    const spans = own.traceOf('/loop');
    const root = serverSpan(spans);
    expect(root).toMatchObject({ name: 'GET /loop', scope: 'slowpath-http' });
    expect(root.attributes).toMatchObject({ 'slowpath.findings': ['n-plus-one'], 'slowpath.query.count': 11 });
    expect(root.events[0]?.attributes['slowpath.finding.call_site']).toContain('tests/fixtures/routes.cjs');
    const queries = spans.filter(({ scope }) => scope === 'slowpath-pg');
    expect(queries).toHaveLength(11);
    expect(new Set(queries.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root.spanId]));
    expect(stdout).toContain('measured GET /users/:id 1');
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

  it('finds it when no stack can be had from Error', async () => {
    const { own, ours, stderr } = await runOwnSdk('tests/fixtures/app-own-sdk-bad-stacks.cjs', true);
    expect(own.spans.length).toBeGreaterThan(15);
    expect(ours.spans).toEqual([]);
    expect(stderr.match(/steps aside/g)).toHaveLength(1);
  });

  it("leaves the registry for the application's logs", async () => {
    const app = AppProcess.start({ file: 'tests/fixtures/app-logs-only.mjs' });
    await app.end();
    expect(app.stdout).toBe('logs true true\n');
  });
});

describe.skipIf(inject('databaseUrl') === '')('started a second time', () => {
  it('measures again after a shutdown, and left nothing registered in between', async () => {
    const file = 'tests/fixtures/app-start-again.cjs';
    const options = { file, withSlowpath: false, env: { DATABASE_URL: inject('databaseUrl') } };
    const { receiver, app } = await runApp(options, async (url) => {
      const response = await fetch(`${url}/loop`);
      expect(response.headers.get('x-query-count')).toBe('11');
      await response.text();
    });
    expect(app.stdout).toContain('first true registry undefined second true');
    const spans = receiver.traceOf('/loop');
    expect(serverSpan(spans).attributes).toMatchObject({ 'slowpath.query.count': 11 });
    expect(spans.filter(({ attributes }) => 'db.query.text' in attributes)).toHaveLength(11);
  });
});
