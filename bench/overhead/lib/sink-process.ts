/** The process of sink.ts: a server that takes what the tools send, and counts it. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { countDatadogSpans } from './count-datadog-spans.ts';
import { countOtlpSpans } from './count-otlp-spans.ts';
import type { SinkTotals } from './sink.ts';

const totals = { spans: 0, traceBytes: 0, traceRequests: 0, otherBytes: 0, faults: [] as string[] };
const FAULTS_MAX = 5;
let arrivedMs = performance.now();

const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    arrivedMs = performance.now();
    try {
      take(request, body);
    } catch (thrown) {
      if (totals.faults.length < FAULTS_MAX) totals.faults.push(`${request.url}: ${String(thrown)}`);
    }
    // An agent of Datadog answers what it can do with "not found" if it is old; v0.4 is what every one of them takes.
    const isKnown = request.method !== 'GET';
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(request.url === '/v0.4/traces' ? '{"rate_by_service":{}}' : '');
  });
});

function take(request: IncomingMessage, sent: Buffer): void {
  const count = counterOf(request);
  if (count === undefined) {
    totals.otherBytes += sent.length;
    return;
  }
  totals.traceBytes += sent.length;
  totals.traceRequests++;
  totals.spans += count(request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent);
}

function counterOf({ url, headers }: IncomingMessage): ((body: Buffer) => number) | undefined {
  if (url === '/v0.4/traces') return countDatadogSpans;
  if (url !== '/v1/traces') return undefined;
  if (headers['content-type'] === 'application/x-protobuf') return countOtlpSpans;
  throw new TypeError(`traces came as ${headers['content-type']}, expected application/x-protobuf`);
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  const answer: SinkTotals = { ...totals, quietMs: performance.now() - arrivedMs };
  process.send?.(answer);
});
// The benchmark is gone, however it ended.
process.on('disconnect', () => process.exit(0));
