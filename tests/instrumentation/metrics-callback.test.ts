import { describe, expect, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';
import type { ReceivedMetric } from '../support/otlp-metrics.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

/** The flush may take 2 s; the rest is the machine's. */
const DEADLINE_MS = 3500;

async function withApp(
  env: Readonly<Record<string, string>>,
  use: (app: AppProcess, receiver: OtlpReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await OtlpReceiver.start();
  const app = AppProcess.start({
    file: 'tests/fixtures/app-ends.mjs',
    // Each request is a finding, so that there is a counter.
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, SLOWPATH_SLOW_ENDPOINT_MIN_MS: '1', ...env },
  });
  try {
    await use(app, receiver);
  } finally {
    app.kill();
    await receiver.stop();
  }
}

function valueOf(metrics: readonly ReceivedMetric[] | undefined, name: string): number | undefined {
  const points = metrics?.find((metric) => metric.name === name)?.points ?? [];
  return points.length === 0
    ? undefined
    : points.reduce((sum, { value, buckets }) => sum + (value ?? buckets?.count ?? 0), 0);
}

describe.each(['hangs', 'throws'])("an application whose metric's callback %s", (CALLBACK) => {
  it('is collected from at each interval, without that metric', async () => {
    await withApp({ CALLBACK, OTEL_METRIC_EXPORT_INTERVAL: '50' }, async (app, receiver) => {
      const url = await app.url();
      await fetch(url);
      while (valueOf(receiver.metricExports.at(-1), 'http.server.request.duration') !== 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const last = receiver.metricExports.at(-1);
      expect(valueOf(last, 'shop.open')).toBe(1);
      expect(last?.map(({ name }) => name)).not.toContain('shop.stock');
    });
  });

  it.each([
    ['by itself', undefined, { code: 0, signal: null }],
    ['by SIGTERM', 'SIGTERM', { code: null, signal: 'SIGTERM' }],
  ] as const)('ends %s in time, with its last counts delivered', async (_how, signal, expected) => {
    await withApp({ CALLBACK }, async (app, receiver) => {
      const url = await app.url();
      await fetch(signal === undefined ? `${url}/end` : url);
      const exit = await app.end(signal);
      expect(exit).toMatchObject(expected);
      expect(exit.elapsedMs).toBeLessThan(DEADLINE_MS);
      // First as 0, then as it is.
      expect(receiver.metricExports.map((metrics) => valueOf(metrics, 'slowpath.findings'))).toEqual([0, 1]);
      expect(receiver.metricExports.map((metrics) => valueOf(metrics, 'http.server.request.duration'))).toEqual([1, 1]);
      expect(receiver.metricExports.map((metrics) => valueOf(metrics, 'shop.open'))).toEqual([1, 1]);
    });
  });
});
