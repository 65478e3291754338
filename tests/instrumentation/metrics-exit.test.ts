import { describe, expect, inject, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';
import { OtlpReceiver, type ReceiverMode } from '../support/otlp-receiver.ts';

/** The flush may take 2 s; the rest is the machine's. */
const DEADLINE_MS = 3500;
const databaseUrl = inject('databaseUrl');

async function withApp(
  mode: ReceiverMode,
  fixture: string,
  env: Readonly<Record<string, string>>,
  use: (app: AppProcess, receiver: OtlpReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await OtlpReceiver.start(mode);
  const app = AppProcess.start({
    file: `tests/fixtures/${fixture}.mjs`,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, DATABASE_URL: databaseUrl, ...env },
  });
  try {
    await use(app, receiver);
  } finally {
    app.kill();
    await receiver.stop();
  }
}

describe.skipIf(databaseUrl === '')('the last collection', () => {
  it('is delivered at a natural end', async () => {
    await withApp('answer', 'app-metrics', { OTEL_TRACES_EXPORTER: 'none' }, async (app, receiver) => {
      await (await fetch(`${await app.url()}/end`)).text();
      expect(await app.end()).toMatchObject({ code: 0, signal: null });
      const names = receiver.metricExports.at(-1)?.map(({ name }) => name);
      expect(names).toContain('http.server.request.duration');
    });
  });

  it.each(['hang', 'drip'] as const)('does not hold an end when the collector lets it %s', async (mode) => {
    await withApp(mode, 'app-metrics', { OTEL_TRACES_EXPORTER: 'none' }, async (app, receiver) => {
      await (await fetch(`${await app.url()}/users/7`)).text();
      const exit = await app.end('SIGTERM');
      expect(exit).toMatchObject({ code: null, signal: 'SIGTERM' });
      expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
      expect(receiver.metricRequestCount).toBe(1);
    });
  });

  it('does not hold a natural end when the collector hangs', async () => {
    await withApp('hang', 'app-metrics', { OTEL_METRIC_EXPORT_INTERVAL: '100' }, async (app, receiver) => {
      const url = await app.url();
      while (receiver.metricRequestCount === 0) await (await fetch(`${url}/quiet`)).text();
      const startMs = performance.now();
      await (await fetch(`${url}/end`)).text();
      expect(await app.end()).toMatchObject({ code: 0, signal: null });
      expect(performance.now() - startMs).toBeLessThan(DEADLINE_MS);
    });
  });

  it('is not made by a program that has measured nothing', async () => {
    await withApp('hang', 'app-metrics-idle', {}, async (app, receiver) => {
      expect(await app.end()).toMatchObject({ code: 0, signal: null });
      expect(receiver.metricRequestCount).toBe(0);
      expect(app.stderr).not.toMatch(/lost|reach/);
    });
  });
});
