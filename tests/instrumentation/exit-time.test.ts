import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppProcess, type AppExit } from '../support/app-process.ts';
import { startDeafListener } from '../support/deaf-listener.ts';
import { GrpcCollector, neverAnswer } from '../support/grpc-collector.ts';
import { readMetrics } from '../support/otlp-metrics.ts';

/** The flush may take 2 s; the rest is the machine's. */
const FLUSH_MS = 3500;
/** A connection that is being made when the program has done its work may hold it for 2 s more. */
const CONNECTING_MS = 5500;

interface Listener {
  readonly host: string;
  stop(): void;
}

/** Takes connections and says nothing. */
async function startSilentListener(): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket).add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

const LISTENERS: Readonly<Record<string, { readonly deadlineMs: number; start: () => Promise<Listener> }>> = {
  'takes calls and never answers': { deadlineMs: FLUSH_MS, start: () => GrpcCollector.start([neverAnswer]) },
  'takes connections and says nothing': { deadlineMs: FLUSH_MS, start: startSilentListener },
  'neither takes nor refuses connections': { deadlineMs: CONNECTING_MS, start: startDeafListener },
};

async function endOf(
  listener: Listener,
  env: Readonly<Record<string, string>>,
  end: (app: AppProcess, url: string) => Promise<AppExit>,
): Promise<AppExit & { readonly stderr: string }> {
  const app = AppProcess.start({
    file: 'tests/fixtures/app-ends.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${listener.host}`, SLOWPATH_SLOW_ENDPOINT_MIN_MS: '1', ...env },
  });
  try {
    return { ...(await end(app, await app.url())), stderr: app.stderr };
  } finally {
    app.kill();
    listener.stop();
  }
}

/** The sum of `spans lost: 3 shutdown_deadline, 1 export_failed (…)`. */
function lostCount(stderr: string): number {
  const [, reasons = ''] = /spans lost: ([^(]*)/.exec(stderr) ?? [];
  return [...reasons.matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), 0);
}

const isGrpc = (protocol: string): boolean => protocol === 'grpc';
const CASES = ['grpc', 'http/protobuf'].flatMap((protocol) =>
  Object.keys(LISTENERS)
    .filter((what) => isGrpc(protocol) || !what.includes('calls'))
    .map((what) => ({ protocol, what })),
);

describe.each(CASES)('over $protocol, when the collector $what', ({ protocol, what }) => {
  const { deadlineMs, start } = LISTENERS[what] ?? { deadlineMs: 0, start: startSilentListener };
  // Sent at once and all the time: something is under way when the end comes.
  const env = {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_BSP_SCHEDULE_DELAY: '1',
    OTEL_METRIC_EXPORT_INTERVAL: '20',
  };

  it('a program that has done its work ends', async () => {
    const exit = await endOf(await start(), env, async (app, url) => {
      // They take 5 ms each: by then the first spans and a first collection are on their way.
      for (let n = 0; n < 20; n++) await fetch(url);
      await fetch(`${url}/end`);
      return await app.end();
    });
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.elapsedMs).toBeLessThan(deadlineMs);
    expect(lostCount(exit.stderr)).toBe(21);
  });

  it('a program dies by SIGTERM', async () => {
    const exit = await endOf(await start(), env, async (app, url) => {
      await fetch(url);
      return await app.end('SIGTERM');
    });
    expect(exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(exit.elapsedMs).toBeLessThan(FLUSH_MS);
    expect(lostCount(exit.stderr)).toBe(1);
  });
});

describe.each(['by itself', 'by SIGTERM'])('over gRPC a program that ends %s', (how) => {
  it('has delivered its last spans and counts', async () => {
    const collector = await GrpcCollector.start();
    const exit = await endOf(
      collector,
      {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_BSP_SCHEDULE_DELAY: '60000',
        OTEL_EXPORTER_OTLP_HEADERS: 'tenant=a%20b',
      },
      async (app, url) => {
        await fetch(how === 'by itself' ? `${url}/end` : url);
        return await app.end(how === 'by itself' ? undefined : 'SIGTERM');
      },
    );
    expect(exit).toMatchObject(how === 'by itself' ? { code: 0, signal: null } : { code: null, signal: 'SIGTERM' });
    expect(exit.elapsedMs).toBeLessThan(1500);
    expect(exit.stderr).not.toMatch(/lost|reach/);
    const metrics = collector.received
      .filter(({ path }) => path.includes('Metrics'))
      .map(({ body }) => readMetrics(body, ''));
    const findings = metrics.map((all) => all.find(({ name }) => name === 'slowpath.findings')?.points[0]?.value);
    expect(findings).toEqual([0, 1]);
    const traces = collector.received.filter(({ path }) => path.includes('Trace'));
    expect(traces).toHaveLength(1);
    expect(traces[0]?.body.includes('slowpath.finding')).toBe(true);
    for (const { metadata } of collector.received) expect(metadata.get('tenant')).toEqual(['a b']);
  });
});
