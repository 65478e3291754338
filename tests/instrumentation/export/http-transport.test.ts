import { once } from 'node:events';
import { Agent } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport, type HttpTransportOptions } from '../../../instrumentation/export/http-transport.ts';
import { STALL_MS_MAX } from '../../../instrumentation/export/otlp-transport.ts';
import { startDeafListener } from '../../support/deaf-listener.ts';
import { answer, hang, LoopbackServer, type Answer } from './loopback-server.ts';

const BODY = Buffer.from('{"resourceSpans":[]}');
const ENOUGH_MS = 10_000;
const running: LoopbackServer[] = [];

async function serve(...answers: readonly Answer[]): Promise<LoopbackServer> {
  const server = await new LoopbackServer(...answers).start();
  running.push(server);
  return server;
}

function transportTo(url: string, options: Partial<HttpTransportOptions> = {}): HttpTransport {
  return new HttpTransport({
    url,
    headers: () => Promise.resolve({ 'Content-Type': 'application/json' }),
    agent: () => new Agent({ keepAlive: true }),
    compress: false,
    ...options,
  });
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe('the HTTP transport', () => {
  it('posts the body with its headers and tells the answer', async () => {
    const server = await serve(answer(200, '{}'));
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer 17' };
    const outcome = await transportTo(server.url, { headers: () => Promise.resolve(headers) }).send(BODY, ENOUGH_MS);
    expect(outcome).toEqual({ ok: true, body: Buffer.from('{}') });
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/v1/traces',
        headers: { 'content-type': 'application/json', authorization: 'Bearer 17', 'content-length': '20' },
        body: BODY,
      },
    ]);
    expect(server.received[0]?.headers).not.toHaveProperty('content-encoding');
  });

  it('keeps its connection for the next body', async () => {
    const server = await serve(answer(200));
    const ports: (number | undefined)[] = [];
    const transport = transportTo(server.url, { agent: () => new Agent({ keepAlive: true }) });
    server.onRequest = (response) => ports.push(response.socket?.remotePort);
    for (let i = 0; i < 3; i++) expect((await transport.send(BODY, ENOUGH_MS)).ok).toBe(true);
    expect(ports).toHaveLength(3);
    expect(new Set(ports).size).toBe(1);
  });

  it('sends a body again when the collector has closed the idle connection that it took', async () => {
    const closed: Answer = (response) => response.socket?.destroy();
    const server = await serve(answer(200), closed, answer(200));
    const transport = transportTo(server.url);
    expect((await transport.send(BODY, ENOUGH_MS)).ok).toBe(true);
    expect((await transport.send(BODY, ENOUGH_MS)).ok).toBe(true);
    expect(server.received).toHaveLength(3);
  });

  it('tells of a connection that is closed when it is new', async () => {
    const server = await serve((response) => response.socket?.destroy());
    expect(await transportTo(server.url).send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, reason: 'ECONNRESET' });
    expect(server.received).toHaveLength(1);
  });

  it('compresses when it is told to', async () => {
    const server = await serve(answer(200));
    const body = Buffer.from('span '.repeat(10_000));
    await transportTo(server.url, { compress: true }).send(body, ENOUGH_MS);
    const [received] = server.received;
    expect(received?.headers['content-encoding']).toBe('gzip');
    expect(received?.body.byteLength).toBeLessThan(1000);
    expect(received?.headers['content-length']).toBe(String(received?.body.byteLength));
    expect(gunzipSync(received?.body ?? '')).toEqual(body);
  });

  it('does not change the headers that it was given', async () => {
    const server = await serve(answer(200));
    const headers = { 'Content-Type': 'application/json' };
    await transportTo(server.url, { compress: true, headers: () => Promise.resolve(headers) }).send(BODY, ENOUGH_MS);
    expect(headers).toEqual({ 'Content-Type': 'application/json' });
  });

  it.each([
    [400, false],
    [401, false],
    [404, false],
    [413, false],
    [429, true],
    [500, false],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
    [302, false],
  ])('takes HTTP %i for a failure; worth a retry: %s', async (status, retryable) => {
    const server = await serve(answer(status, 'jane@example.org'));
    const outcome = await transportTo(server.url).send(BODY, ENOUGH_MS);
    expect(outcome).toEqual({ ok: false, reason: `HTTP ${status}`, retryable, retryAfterMs: undefined });
  });

  it.each([
    ['3', 3000],
    ['0', undefined],
    ['-1', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['soon', undefined],
  ])('reads Retry-After: %s', async (value, retryAfterMs) => {
    const server = await serve(answer(503, '', { 'retry-after': value }));
    expect(await transportTo(server.url).send(BODY, ENOUGH_MS)).toMatchObject({ retryable: true, retryAfterMs });
  });

  it('gives up a collector that does not answer in time', async () => {
    const server = await serve(hang);
    expect(await transportTo(server.url).send(BODY, 30)).toEqual({
      ok: false,
      reason: 'timeout',
      retryable: true,
      retryAfterMs: undefined,
    });
  });

  it('waits for an answer that comes late', async () => {
    const server = await serve((response) => void setTimeout(answer(200), STALL_MS_MAX + 500, response));
    expect(await transportTo(server.url).send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
  });

  it('gives up a collector that answers a byte at a time: the time is for the whole answer', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-length': '1000' });
      const timer = setInterval(() => response.write('{'), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await transportTo(server.url).send(BODY, 60)).toMatchObject({ ok: false, reason: 'timeout' });
  });

  it('ends what is under way when it is aborted, each request once', async () => {
    const server = await serve(hang);
    const transport = transportTo(server.url);
    const sending = [transport.send(BODY, ENOUGH_MS), transport.send(BODY, ENOUGH_MS)];
    await server.hasReceived(2);
    transport.abort('deadline');
    const aborted = { ok: false, reason: 'deadline', retryable: true, retryAfterMs: undefined };
    expect(await Promise.all(sending)).toEqual([aborted, aborted]);
    transport.abort('again');
  });

  it('works again after an abort', async () => {
    const server = await serve(hang, answer(200));
    const transport = transportTo(server.url);
    const first = transport.send(BODY, ENOUGH_MS);
    await server.hasReceived(1);
    transport.abort('deadline');
    await first;
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
  });

  it('gives up a connection that is neither made nor refused', async () => {
    const listener = await startDeafListener();
    try {
      const startMs = performance.now();
      const transport = transportTo(`http://${listener.host}/`);
      const outcome = await transport.send(BODY, ENOUGH_MS);
      expect(outcome).toMatchObject({ ok: false, reason: 'ETIMEDOUT', retryable: true });
      const endMs = performance.now();
      expect(endMs - startMs).toBeGreaterThan(STALL_MS_MAX - 50);
      expect(endMs - startMs).toBeLessThan(STALL_MS_MAX + 1500);
      expect(await transport.send(BODY, ENOUGH_MS)).toEqual(outcome);
      expect(performance.now() - endMs, 'the next one is not tried').toBeLessThan(500);
    } finally {
      listener.stop();
    }
  });

  it('gives up a collector that takes no more bytes, and not one that takes them slowly', async () => {
    // More than the system keeps for the two, and longer than a stall may take.
    const body = Buffer.alloc(24_000_000);
    const bytesPerTurn = 200_000;
    let takenBytes = 0;
    let isReading = false;
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => undefined);
      if (!isReading) return;
      const timer = setInterval(() => {
        takenBytes += socket.read(bytesPerTurn)?.length ?? 0;
        if (takenBytes < body.length) return;
        clearInterval(timer);
        socket.resume().end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      }, 40);
      socket.on('close', () => clearInterval(timer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const startMs = performance.now();
      expect(await transportTo(url).send(body, 2 * ENOUGH_MS)).toMatchObject({ ok: false, reason: 'ETIMEDOUT' });
      expect(performance.now() - startMs).toBeLessThan(STALL_MS_MAX + 1500);
      isReading = true;
      expect(await transportTo(url).send(body, 2 * ENOUGH_MS)).toMatchObject({ ok: true });
      expect(performance.now() - startMs).toBeGreaterThan(3 * STALL_MS_MAX);
    } finally {
      server.close();
    }
  });

  it('names the code when nobody listens', async () => {
    const server = await serve(answer(200));
    await running.pop()?.stop();
    expect(await transportTo(server.url).send(BODY, ENOUGH_MS)).toMatchObject({
      ok: false,
      reason: 'ECONNREFUSED',
      retryable: true,
    });
  });

  it('names the code when the connection breaks, before and within the answer', async () => {
    const server = await serve(
      (response) => response.destroy(),
      (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{', () => response.destroy());
      },
    );
    const transport = transportTo(server.url);
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, reason: 'ECONNRESET', retryable: true });
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, reason: 'ECONNRESET', retryable: true });
  });

  it('takes an answer of 64 KiB and refuses a longer one', async () => {
    const server = await serve(answer(200, 'x'.repeat(65_536)), answer(200, 'x'.repeat(65_537)));
    const transport = transportTo(server.url);
    const whole = await transport.send(BODY, ENOUGH_MS);
    expect(whole.ok && whole.body.byteLength).toBe(65_536);
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({
      ok: false,
      reason: 'response too large',
      retryable: false,
    });
  });

  it.each([
    ['a URL that is none', { url: 'not a url' }, 'ERR_INVALID_URL'],
    ['headers that cannot be made', { headers: () => Promise.reject(new RangeError('jane')) }, 'RangeError'],
    ['headers that cannot be sent', { headers: () => Promise.resolve({ 'a b': 'c' }) }, 'ERR_INVALID_HTTP_TOKEN'],
    ['an agent that cannot be made', { agent: () => Promise.reject(new TypeError('jane')) }, 'TypeError'],
    ['a scheme that is not HTTP', { url: 'ftp://127.0.0.1/' }, 'ERR_INVALID_PROTOCOL'],
  ])('resolves for %s, without a word of its text', async (_what, options, reason) => {
    const transport = transportTo('http://127.0.0.1:1/', options);
    expect(await transport.send(BODY, ENOUGH_MS)).toEqual({
      ok: false,
      reason,
      retryable: false,
      retryAfterMs: undefined,
    });
  });
});
