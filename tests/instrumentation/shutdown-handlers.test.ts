import { describe, expect, it } from 'vitest';
import { AppProcess, type AppExit } from '../support/app-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

const file = 'tests/fixtures/app-shutdown.mjs';
const REQUEST_COUNT = 5;

interface Ended extends AppExit {
  readonly stdout: string;
  readonly stderr: string;
  readonly exportedCount: number;
}

async function endWith(signal: NodeJS.Signals, atStart: string, withSlowpath: boolean): Promise<Ended> {
  const receiver = await OtlpReceiver.start();
  const app = AppProcess.start({
    file,
    withSlowpath,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_BSP_SCHEDULE_DELAY: '60000', AT_START: atStart },
  });
  try {
    const url = await app.url();
    for (let n = 0; n < REQUEST_COUNT; n++) await (await fetch(url)).text();
    const exit = await app.end(signal);
    return { ...exit, stdout: app.stdout, stderr: app.stderr, exportedCount: receiver.spans.length };
  } finally {
    app.kill();
    await receiver.stop();
  }
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s to an application', (signal) => {
  it.each([
    'on 200',
    'once 200',
    'prependOnceListener 200',
    'listeners 1',
    'listeners 9',
    'listeners 10',
    'removed',
    'cleared',
    'stashed',
    '',
  ])('with the handler "%s" ends as without slowpath, and its spans are delivered', async (atStart) => {
    const [bare, traced] = await Promise.all([endWith(signal, atStart, false), endWith(signal, atStart, true)]);
    expect({ code: traced.code, signal: traced.signal }).toEqual({ code: bare.code, signal: bare.signal });
    const printed = (text: string): string => text.replace(/listening \d+/, 'listening');
    expect(printed(traced.stdout)).toBe(printed(bare.stdout));
    expect(bare.stderr).toBe('');
    expect(traced.stderr).not.toMatch(/lost|Warning/);
    expect(traced.exportedCount).toBe(REQUEST_COUNT);
  });

  it('warns of the eleventh listener where Node does without slowpath', async () => {
    const [bare, traced] = await Promise.all([
      endWith(signal, 'listeners 11', false),
      endWith(signal, 'listeners 11', true),
    ]);
    const warning = `11 ${signal} listeners added`;
    expect(bare.stderr).toContain(warning);
    expect(traced.stderr).toContain(warning);
  });
});

it('ends at once by a second signal while the first one’s flush waits for a collector that hangs', async () => {
  const receiver = await OtlpReceiver.start('hang');
  const app = AppProcess.start({
    file,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_BSP_SCHEDULE_DELAY: '60000' },
  });
  try {
    await (await fetch(await app.url())).text();
    app.signal('SIGTERM');
    while (receiver.requestPaths.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const exit = await app.end('SIGTERM');
    expect(exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(exit.elapsedMs).toBeLessThan(1000);
    expect(app.stderr).toContain('spans lost: 1 process_exit');
  } finally {
    app.kill();
    await receiver.stop();
  }
});
