import { expect, inject } from 'vitest';
import { AppProcess } from './app-process.ts';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';

const PATHS = ['/users/17', '/list', '/loop', '/sql-error'];

export interface OwnSdkRun {
  /** What the application's SDK exported. */
  readonly own: OtlpReceiver;
  /** What slowpath exported. */
  readonly ours: OtlpReceiver;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an application that has an SDK of its own, sends it requests and ends it; it must end well. */
export async function runOwnSdk(
  file: string,
  withSlowpath: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<OwnSdkRun> {
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
export function comparable(spans: readonly ReceivedSpan[]): readonly string[] {
  const changing = new Set([
    'network.peer.port',
    'network.local.port',
    'server.port',
    'client.port',
    'net.host.port',
    'net.peer.port',
  ]);
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .map(({ name, kind, parentSpanId, attributes, events, status, scope }) => {
      const kept = Object.entries(attributes)
        .filter(([key]) => !changing.has(key))
        .map(([key, value]) => [key, typeof value === 'string' ? value.replace(/127\.0\.0\.1:\d+/, '<host>') : value]);
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
