import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { AppProcess, ROOT, runApp, serverSpan } from '../../support/app-process.ts';
import { comparable, runOwnSdk } from '../../support/own-sdk-run.ts';

const FOLDER = 'tests/apps/own-sdk-1x';

describe.skipIf(inject('databaseUrl') === '')("beside an application's SDK on OpenTelemetry's API 1.9", () => {
  it.each(['app.cjs', 'app-late.cjs'])('its exporter receives what it received without slowpath: %s', async (file) => {
    const without = await runOwnSdk(`${FOLDER}/${file}`, false);
    const beside = await runOwnSdk(`${FOLDER}/${file}`, true);
    expect(without.own.spans.length).toBeGreaterThan(15);
    expect(comparable(beside.own.spans)).toEqual(comparable(without.own.spans));
    expect(beside.ours.spans).toEqual([]);
    expect(beside.stderr.match(/steps aside/g)).toHaveLength(1);
    const registry = 'registry 1.9.0 context,propagation,trace,version plain';
    expect(without.stdout).toContain(registry);
    expect(beside.stdout).toContain(registry);
  });

  it.each([
    ['after slowpath started', `${FOLDER}/app-metrics.cjs`, []],
    ['before slowpath started', `${FOLDER}/server.cjs`, ['--require', `./${FOLDER}/register-metrics.cjs`]],
  ])('takes a logger and metrics, and keeps measuring: registered %s', async (_, file, nodeArgs) => {
    const options = { file, nodeArgs, env: { DATABASE_URL: inject('databaseUrl') } };
    const printed = ['setLogger true', 'setGlobalMeterProvider true', 'again false', 'read true'];
    const without = await runApp({ ...options, withSlowpath: false }, () => Promise.resolve());
    const { receiver, app } = await runApp(options, async (url) => {
      await (await fetch(`${url}/loop`)).text();
    });
    expect(without.app.stdout.split('\n').slice(0, 4)).toEqual(printed);
    expect(app.stdout.split('\n').slice(0, 4)).toEqual(printed);
    expect(app.stderr).not.toContain('steps aside');
    expect(serverSpan(receiver.traceOf('/loop')).attributes).toMatchObject({ 'slowpath.query.count': 11 });
  });

  it('says so when the API of a bundled SDK refuses: its version is not to be found', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slowpath-bundled-api-'));
    cpSync(join(ROOT, FOLDER, 'node_modules/@opentelemetry/api/build'), join(folder, 'build'), { recursive: true });
    const app = AppProcess.start({ file: `${FOLDER}/app-bundled-api.cjs`, env: { API: join(folder, 'build/src') } });
    try {
      await app.end();
    } finally {
      rmSync(folder, { recursive: true });
    }
    // What it registers after that is its own business again.
    expect(app.stdout).toBe('trace false\npropagation true\n');
    expect(app.stderr).toContain('was refused');
  });
});
