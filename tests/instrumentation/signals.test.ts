import { describe, expect, inject, it } from 'vitest';
import { AppProcess, runApp } from '../support/app-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

const DEADLINE_MS = 3000;
const file = 'tests/fixtures/app-signals.mjs';

async function endWith(
  endpoint: string,
  signal: NodeJS.Signals | undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; signal: NodeJS.Signals | null; elapsedMs: number; stderr: string; stdout: string }> {
  // The schedule is long: what arrives was sent at the end.
  const app = AppProcess.start({
    file,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '60000', ...env },
  });
  try {
    const url = await app.url();
    for (let n = 0; n < 20; n++) await (await fetch(url)).text();
    if (signal === undefined) await fetch(`${url}/close`);
    const exit = await app.end(signal);
    return { ...exit, stderr: app.stderr, stdout: app.stdout };
  } finally {
    app.kill();
  }
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s to an application without a handler', (signal) => {
  it('ends it by the signal with every pending span delivered', async () => {
    const receiver = await OtlpReceiver.start();
    const exit = await endWith(receiver.endpoint, signal);
    expect(exit).toMatchObject({ code: null, signal });
    expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
    expect(receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(20);
    expect(exit.stderr).not.toContain('lost');
    await receiver.stop();
  });

  it.each(['hang', 'drip'] as const)(
    'ends it in time when the collector lets it %s, and counts the loss in one line',
    async (mode) => {
      const receiver = await OtlpReceiver.start(mode);
      const exit = await endWith(receiver.endpoint, signal);
      expect(exit).toMatchObject({ code: null, signal });
      expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
      expect(exit.stderr.match(/lost/g)).toHaveLength(1);
      expect(exit.stderr).toContain('spans lost: 20 shutdown_deadline');
      await receiver.stop();
    },
  );

  it('ends it at once when there is no collector', async () => {
    const exit = await endWith('http://127.0.0.1:9', signal);
    expect(exit).toMatchObject({ code: null, signal });
    expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
    expect(exit.stderr).toContain('spans lost: 20 export_failed');
  });
});

describe('a natural end', () => {
  it.each([
    ['answers', 'answer', /^(?!.*lost)/s],
    ['hangs', 'hang', /spans lost: \d+ shutdown_deadline/],
    ['drips', 'drip', /spans lost: \d+ shutdown_deadline/],
  ] as const)('is not held beyond the deadline by a collector that %s', async (_name, mode, stderr) => {
    const receiver = await OtlpReceiver.start(mode);
    const exit = await endWith(receiver.endpoint, undefined);
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
    expect(exit.stderr).toMatch(stderr);
    await receiver.stop();
  });

  it('is not held by an export that was under way when the work ended', async () => {
    const receiver = await OtlpReceiver.start('hang');
    const exit = await endWith(receiver.endpoint, undefined, { OTEL_BSP_SCHEDULE_DELAY: '0' });
    expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
    await receiver.stop();
  });

  it('is not held by a collector that is not there', async () => {
    const exit = await endWith('http://127.0.0.1:9', undefined);
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
  });

  it('keeps the exit code of process.exit and counts what could not be sent', async () => {
    const exit = await endWith('http://127.0.0.1:9', 'SIGTERM', { ON_SIGTERM: 'exit 7' });
    expect(exit).toMatchObject({ code: 7, signal: null });
    expect(exit.stderr).toMatch(/spans lost: 20 (?:process_exit|export_failed)/);
  });
});

describe('an application with a SIGTERM handler of its own', () => {
  it('keeps control: it goes on until it ends by itself', async () => {
    const receiver = await OtlpReceiver.start();
    const exit = await endWith(receiver.endpoint, 'SIGTERM', { ON_SIGTERM: 'drain' });
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.stdout).toContain('drained');
    expect(receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(20);
    await receiver.stop();
  });
});

describe.skipIf(inject('databaseUrl') === '')('a ratio sampler', () => {
  it.each([0.1, 0.01])('of %d exports its share and measures every request', async (ratio) => {
    const requestCount = 1000;
    const { receiver, app } = await runApp(
      {
        file: 'tests/fixtures/app-http.mjs',
        env: {
          DATABASE_URL: inject('databaseUrl'),
          OTEL_TRACES_SAMPLER: 'traceidratio',
          OTEL_TRACES_SAMPLER_ARG: String(ratio),
          SLOWPATH_REPORT: 'json',
        },
      },
      async (url) => {
        for (let n = 0; n < requestCount; n += 20) {
          await Promise.all(
            Array.from({ length: 20 }, () => fetch(`${url}/users/17`).then((response) => response.text())),
          );
        }
      },
    );
    const exportedCount = receiver.spans.filter(({ kind }) => kind === 'SERVER').length;
    // Five standard deviations of a binomial distribution.
    const deviationMax = 5 * Math.sqrt(requestCount * ratio * (1 - ratio));
    expect(Math.abs(exportedCount - requestCount * ratio)).toBeLessThan(deviationMax);
    const line = app.stderr.split('\n').find((text) => text.startsWith('{')) ?? '{}';
    const report = JSON.parse(line) as {
      endpoints: { endpoint: string; count: number; queryCount: number; queriesPerRequestAvg: number }[];
      queries: { count: number; endpoints: string[] }[];
    };
    expect(report.endpoints).toMatchObject([
      { endpoint: 'GET /users/{id}', count: requestCount, queryCount: requestCount, queriesPerRequestAvg: 1 },
    ]);
    expect(report.queries).toMatchObject([{ count: requestCount, endpoints: ['GET /users/{id}'] }]);
  });
});
