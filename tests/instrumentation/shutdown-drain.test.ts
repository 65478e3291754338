import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

const COLLECTOR_DELAY_MS = 300;
/** Longer than the end of a process without a handler may be held. */
const DRAIN_MS = 2500;
const CLIENT_COUNT = 8;

interface SlowWay {
  readonly server: Server;
  readonly endpoint: string;
  /** While true, the next batch is refused once. */
  refusesNext: boolean;
}

/** A way to the collector on which each answer takes its time. */
async function delayed(endpoint: string): Promise<SlowWay> {
  const server = createServer((incoming, response) => {
    if (way.refusesNext) {
      way.refusesNext = false;
      incoming.resume();
      response.writeHead(503).end();
      return;
    }
    const { method, headers } = incoming;
    const outgoing = httpRequest(`${endpoint}${incoming.url ?? ''}`, { method, headers }, (answer) => {
      setTimeout(() => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }, COLLECTOR_DELAY_MS);
    });
    incoming.pipe(outgoing);
  });
  const way = { server, endpoint: '', refusesNext: false };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  way.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return way;
}

it.each([
  ['is slow', false],
  ['is slow and refuses a batch', true],
])('loses and counts nothing while an application under load drains and the collector %s', async (_name, refuses) => {
  const receiver = await OtlpReceiver.start();
  const slow = await delayed(receiver.endpoint);
  const app = AppProcess.start({
    file: 'tests/fixtures/app-shutdown.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: slow.endpoint, AT_START: `once ${DRAIN_MS}` },
  });
  try {
    const url = await app.url();
    let answeredCount = 0;
    let isUnderLoad = (): void => undefined;
    const underLoad = new Promise<void>((resolve) => (isUnderLoad = resolve));
    let wasRefused = false;
    const clients = Array.from({ length: CLIENT_COUNT }, async () => {
      while (!wasRefused) {
        try {
          await (await fetch(url)).text();
          if (++answeredCount === 100) isUnderLoad();
        } catch {
          wasRefused = true;
        }
        // What this machine can send and receive at its most is not the question here.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    await underLoad;
    slow.refusesNext = refuses;
    const exit = await app.end('SIGTERM');
    await Promise.all(clients);

    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(app.stdout).toContain('drained');
    expect(slow.refusesNext).toBe(false);
    expect(app.stderr).not.toContain('lost');
    // Requests that were cut off by the close have a span and no answer.
    expect(receiver.spans.length).toBeGreaterThanOrEqual(answeredCount);
    expect(receiver.spans.length).toBeLessThanOrEqual(answeredCount + CLIENT_COUNT);
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(receiver.spans.length);
  } finally {
    app.kill();
    slow.server.closeAllConnections();
    slow.server.close();
    await receiver.stop();
  }
});
