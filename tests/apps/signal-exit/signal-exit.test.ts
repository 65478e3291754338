import { describe, expect, it } from 'vitest';
import { AppProcess, type AppExit } from '../../support/app-process.ts';
import { OtlpReceiver } from '../../support/otlp-receiver.ts';

const file = 'tests/apps/signal-exit/app.mjs';
const REQUEST_COUNT = 5;

interface Ended extends Omit<AppExit, 'elapsedMs'> {
  readonly stdout: string;
}

async function endWith(
  signal: NodeJS.Signals,
  use: string,
  withSlowpath: boolean,
): Promise<{ readonly ended: Ended; readonly elapsedMs: number; readonly exportedCount: number }> {
  const receiver = await OtlpReceiver.start();
  const app = AppProcess.start({
    file,
    withSlowpath,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_BSP_SCHEDULE_DELAY: '60000', USE: use },
  });
  // A process that hangs is a result, not a test that runs into its time limit.
  const killer = setTimeout(() => app.kill(), 8000);
  try {
    const url = await app.url();
    for (let n = 0; n < REQUEST_COUNT; n++) await (await fetch(url)).text();
    if (use.includes('stay')) {
      app.signal(signal);
      await app.printed(/signal-exit 4: null/);
    }
    const { elapsedMs, ...exit } = await app.end(signal);
    const stdout = app.stdout.replace(/listening \d+/, 'listening');
    return { ended: { ...exit, stdout }, elapsedMs, exportedCount: receiver.spans.length };
  } finally {
    clearTimeout(killer);
    app.kill();
    await receiver.stop();
  }
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s to an application with signal-exit', (signal) => {
  it.each(['3', '4', '3 4', '4 3', '3 removed', '4 removed', '4 stay', '3 handler', '4 handler'])(
    '%s: callbacks run and the process ends as without slowpath, with its spans delivered',
    async (use) => {
      const [bare, traced] = await Promise.all([endWith(signal, use, false), endWith(signal, use, true)]);
      expect(traced.ended).toEqual(bare.ended);
      expect(traced.elapsedMs).toBeLessThan(3000);
      expect(traced.exportedCount).toBe(REQUEST_COUNT);
    },
  );

  it.each(['3', '4'])('%s dies by the signal after its callback', async (use) => {
    const { ended } = await endWith(signal, use, true);
    expect(ended).toEqual({ code: null, signal, stdout: `listening\nsignal-exit ${use}: null ${signal}\n` });
  });
});
