import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { GrpcTransport, type GrpcTransportOptions } from '../../../instrumentation/export/grpc-transport.ts';
import { MAX_RESPONSE_BYTES, STALL_MS_MAX } from '../../../instrumentation/export/otlp-transport.ts';
import { startDeafListener } from '../../support/deaf-listener.ts';
import { GrpcCollector, neverAnswer, take, type GrpcAnswer } from '../../support/grpc-collector.ts';

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const BODY = Buffer.from('any bytes: the transport does not read them');
const ENOUGH_MS = 10_000;
const stops: (() => unknown)[] = [];

async function collector(...answers: readonly GrpcAnswer[]): Promise<GrpcCollector> {
  const started = await GrpcCollector.start(answers.length === 0 ? undefined : answers);
  stops.push(() => started.stop());
  return started;
}

function transportTo(host: string, options: Partial<GrpcTransportOptions> = {}): GrpcTransport {
  const transport = new GrpcTransport({
    url: `http://${host}`,
    path: PATH,
    headers: () => Promise.resolve({}),
    connectOptions: () => Promise.resolve({}),
    compress: false,
    ...options,
  });
  stops.push(() => transport.abort('the test has ended'));
  return transport;
}

/** A server of HTTP/2 that answers what no gRPC server does. */
async function http2(answer: (stream: ServerHttp2Stream) => void): Promise<string> {
  const server: Http2Server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    answer(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

describe('the gRPC transport', () => {
  it('calls the method with the body and its headers, and tells the answer', async () => {
    const server = await collector((callback) => callback(null, Buffer.from('answer')));
    const transport = transportTo(server.host, { headers: () => Promise.resolve({ Authorization: 'Bearer 17' }) });
    expect(await transport.send(BODY, ENOUGH_MS)).toEqual({ ok: true, body: Buffer.from('answer') });
    const [received, ...others] = server.received;
    expect(others).toEqual([]);
    expect(received).toMatchObject({ path: PATH, body: BODY });
    expect(received?.metadata.get('authorization')).toEqual(['Bearer 17']);
  });

  it.each([
    ['compressed', true, 3_000_000],
    ['empty', false, 0],
    ['large', false, 3_000_000],
  ])('sends a body that is %s whole', async (_what, compress, bytes) => {
    const server = await collector();
    const body = Buffer.alloc(bytes, 'span ');
    expect(await transportTo(server.host, { compress }).send(body, ENOUGH_MS)).toMatchObject({ ok: true });
    expect(server.received[0]?.body.equals(body)).toBe(true);
  });

  it('sends calls at the same time over one connection, each with its own answer', async () => {
    const server = await collector();
    const bodies = Array.from({ length: 20 }, (_, n) => Buffer.from(`body ${n}`));
    const transport = transportTo(server.host);
    const outcomes = await Promise.all(bodies.map((body) => transport.send(body, ENOUGH_MS)));
    expect(outcomes).toEqual(bodies.map(() => ({ ok: true, body: Buffer.alloc(0) })));
    expect(server.received.map(({ body }) => body.toString()).toSorted()).toEqual(bodies.map(String).toSorted());
  });

  it.each(
    Object.entries(status)
      .filter((entry): entry is [string, status] => typeof entry[1] === 'number' && entry[1] !== status.OK)
      .map(([name, code]) => ({ name, code })),
  )('takes $name for a failure', async ({ name, code }) => {
    const server = await collector((callback) => callback({ code, details: 'jane@example.org' }));
    // https://opentelemetry.io/docs/specs/otlp/#failures
    const retryable = [1, 4, 10, 11, 14, 15].includes(code);
    expect(await transportTo(server.host).send(BODY, ENOUGH_MS)).toEqual({
      ok: false,
      reason: `gRPC ${name}`,
      retryable,
      retryAfterMs: undefined,
    });
  });

  it('takes RESOURCE_EXHAUSTED for "later" when the answer has a RetryInfo', async () => {
    const metadata = new Metadata();
    // A google.rpc.Status with one detail, whose type this is.
    metadata.set(
      'grpc-status-details-bin',
      Buffer.from('\x08\x08\x1a\x2a\x0a\x28type.googleapis.com/google.rpc.RetryInfo'),
    );
    const server = await collector((callback) => callback({ code: status.RESOURCE_EXHAUSTED, metadata }));
    expect(await transportTo(server.host).send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, retryable: true });
  });

  it('waits for an answer that comes late', async () => {
    const server = await collector((callback) => void setTimeout(take, STALL_MS_MAX + 500, callback));
    expect(await transportTo(server.host).send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
  });

  it('gives up a collector that does not answer in time, and connects anew', async () => {
    const server = await collector(neverAnswer, take);
    const transport = transportTo(server.host);
    expect(await transport.send(BODY, 50)).toMatchObject({ ok: false, reason: 'timeout', retryable: true });
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
  });

  it('ends what is under way when it is aborted, each call once, and works again', async () => {
    const server = await collector(neverAnswer, neverAnswer, take);
    const transport = transportTo(server.host);
    const sending = [transport.send(BODY, ENOUGH_MS), transport.send(BODY, ENOUGH_MS)];
    await server.hasReceived(2);
    transport.abort('deadline');
    const aborted = { ok: false, reason: 'deadline', retryable: true, retryAfterMs: undefined };
    expect(await Promise.all(sending)).toEqual([aborted, aborted]);
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
  });

  it('goes on with a collector that has been started again', async () => {
    const server = await collector();
    const transport = transportTo(server.host);
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
    await server.goAway();
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, reason: 'ECONNREFUSED', retryable: true });
    const next = await GrpcCollector.start(undefined, { address: server.host });
    stops.push(() => next.stop());
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
    next.stop();
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, retryable: true });
  });

  it('names the code when nobody listens', async () => {
    const server = await collector();
    server.stop();
    expect(await transportTo(server.host).send(BODY, ENOUGH_MS)).toMatchObject({
      ok: false,
      reason: 'ECONNREFUSED',
      retryable: true,
    });
  });

  it('gives up a connection that is neither made nor refused', async () => {
    const listener = await startDeafListener();
    stops.push(() => listener.stop());
    const startMs = performance.now();
    const transport = transportTo(listener.host);
    const outcome = await transport.send(BODY, ENOUGH_MS);
    expect(outcome).toMatchObject({ ok: false, reason: 'ETIMEDOUT', retryable: true });
    const endMs = performance.now();
    expect(endMs - startMs).toBeGreaterThan(STALL_MS_MAX - 50);
    expect(endMs - startMs).toBeLessThan(STALL_MS_MAX + 1500);
    expect(await transport.send(BODY, ENOUGH_MS)).toEqual(outcome);
    expect(performance.now() - endMs, 'the next one is not tried').toBeLessThan(500);
  });

  it('ends a connection that is being made when it is aborted', async () => {
    const listener = await startDeafListener();
    stops.push(() => listener.stop());
    const connecting = (): number => process.getActiveResourcesInfo().filter((name) => name === 'ConnectWrap').length;
    const before = connecting();
    const transport = transportTo(listener.host);
    const sending = transport.send(BODY, ENOUGH_MS);
    while (connecting() === before) await new Promise((resolve) => setImmediate(resolve));
    transport.abort('deadline');
    expect(await sending).toMatchObject({ ok: false, reason: 'deadline' });
    const startMs = performance.now();
    while (connecting() !== before) await new Promise((resolve) => setImmediate(resolve));
    expect(performance.now() - startMs).toBeLessThan(STALL_MS_MAX / 2);
  });

  it('gives up a listener that says nothing, not even its settings', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await transportTo(`127.0.0.1:${port}`).send(BODY, 100)).toMatchObject({
      reason: 'timeout',
      retryable: true,
    });
  });

  it('takes a listener that speaks something else for a failure', async () => {
    const server = createServer(
      (socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await transportTo(`127.0.0.1:${port}`).send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, retryable: true });
  });

  it.each([
    [503, 'HTTP 503', true],
    [404, 'HTTP 404', false],
  ])('takes the answer %i of a proxy for a failure', async (code, reason, retryable) => {
    const host = await http2((stream) => {
      stream.respond({ ':status': code });
      stream.end('jane@example.org');
    });
    expect(await transportTo(host).send(BODY, ENOUGH_MS)).toMatchObject({ ok: false, reason, retryable });
  });

  it('takes an answer without a status for a failure', async () => {
    const host = await http2((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end();
    });
    expect(await transportTo(host).send(BODY, ENOUGH_MS)).toMatchObject({
      ok: false,
      reason: 'ECONNRESET',
      retryable: true,
    });
  });

  it('refuses an answer that is too long', async () => {
    const host = await http2((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(Buffer.alloc(MAX_RESPONSE_BYTES + 1));
    });
    expect(await transportTo(host).send(BODY, ENOUGH_MS)).toMatchObject({
      ok: false,
      reason: 'response too large',
      retryable: false,
    });
  });

  it.each([
    ['is compressed', Buffer.from('\x01\x00\x00\x00\x02ab')],
    ['is cut off', Buffer.from('\x00\x00\x00\x00\x09ab')],
    ['is none', Buffer.from('ab')],
  ])('takes the status for the answer when its message %s', async (_what, message) => {
    const host = await http2((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(message);
    });
    expect(await transportTo(host).send(BODY, ENOUGH_MS)).toEqual({ ok: true, body: new Uint8Array() });
  });

  it.each([
    ['a URL that is none', { url: 'not a url' }, 'ERR_INVALID_URL'],
    ['headers that cannot be made', { headers: () => Promise.reject(new RangeError('jane')) }, 'RangeError'],
    ['headers that cannot be sent', { headers: () => Promise.resolve({ 'a b': 'c' }) }, 'ERR_INVALID_HTTP_TOKEN'],
    ['a connection that cannot be made', { connectOptions: () => Promise.reject(new TypeError('jane')) }, 'TypeError'],
  ])('resolves for %s, without a word of its text', async (_what, options, reason) => {
    expect(await transportTo('127.0.0.1:1', options).send(BODY, ENOUGH_MS)).toEqual({
      ok: false,
      reason,
      retryable: false,
      retryAfterMs: undefined,
    });
  });
});

describe('the connection', () => {
  const file = (name: string): Buffer => readFileSync(new URL(`../../fixtures/tls/localhost.${name}`, import.meta.url));

  it('is encrypted for https, and only with a certificate that it knows', async () => {
    const key = { private_key: file('key'), cert_chain: file('crt') };
    const server = await GrpcCollector.start(undefined, { credentials: ServerCredentials.createSsl(null, [key]) });
    stops.push(() => server.stop());
    const url = `https://${server.host}`;
    const knowing = transportTo(server.host, { url, connectOptions: () => Promise.resolve({ ca: file('crt') }) });
    expect(await knowing.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
    expect(await transportTo(server.host, { url }).send(BODY, ENOUGH_MS)).toMatchObject({
      ok: false,
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('goes through a socket of the file system', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slowpath-grpc-'));
    stops.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'otlp.sock');
    const server = await GrpcCollector.start(undefined, { address: `unix:${path}` });
    stops.push(() => server.stop());
    const transport = transportTo('localhost', { connectOptions: () => Promise.resolve({ socketPath: path }) });
    expect(await transport.send(BODY, ENOUGH_MS)).toMatchObject({ ok: true });
  });
});
