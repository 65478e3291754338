import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sink } from '../../bench/overhead/lib/sink.ts';
import { encodeMessagePack } from './encode-message-pack.ts';

let sink: Sink;
beforeEach(async () => {
  sink = await Sink.start();
});
afterEach(() => sink.stop());

// resource_spans { scope_spans { spans {} spans {} } }
const twoSpans = Buffer.of(0x0a, 6, 0x12, 4, 0x12, 0, 0x12, 0);

it('counts spans and bytes of both protocols, packed or not, and everything else apart', async () => {
  const packed = gzipSync(twoSpans);
  const traces = encodeMessagePack([[{ name: 'a' }, { name: 'b' }], [{ name: 'c' }]]);
  await send('/v1/traces', twoSpans, { 'content-type': 'application/x-protobuf' });
  await send('/v1/traces', packed, { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' });
  await send('/v0.4/traces', traces, { 'content-type': 'application/msgpack' });
  await send('/v1/metrics', Buffer.alloc(123), { 'content-type': 'application/x-protobuf' });
  expect(await sink.totals()).toMatchObject({
    spans: 2 + 2 + 3,
    traceBytes: twoSpans.length + packed.length + traces.length,
    traceRequests: 3,
    otherBytes: 123,
  });
});

it('waits until nothing more arrives', async () => {
  const late = send('/v1/traces', twoSpans, { 'content-type': 'application/x-protobuf' });
  const { spans, quietMs } = await sink.settled();
  await late;
  expect(spans).toBe(2);
  expect(quietMs).toBeGreaterThanOrEqual(300);
});

it.each([
  ['traces in another format', 'application/json', Buffer.from('{}')],
  ['traces that are cut off', 'application/x-protobuf', twoSpans.subarray(0, 5)],
])('fails on %s, which would count as none', async (_what, type, body) => {
  await send('/v1/traces', body, { 'content-type': type });
  await expect(sink.totals()).rejects.toThrow('cannot read');
});

async function send(path: string, body: Buffer, headers: Record<string, string>): Promise<void> {
  const answer = await fetch(`${sink.url}${path}`, { method: 'POST', body: new Uint8Array(body), headers });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}
