import { Agent } from 'node:http';
import { ExportResultCode } from '@opentelemetry/core';
import { JsonTraceSerializer, ProtobufTraceSerializer, type ISerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, describe, expect, it } from 'vitest';
import { OtlpExporter, type OtlpExportResult } from '../../../instrumentation/export/otlp-exporter.ts';
import { HttpTransport } from '../../../instrumentation/export/http-transport.ts';
import { endedSpans } from './ended-spans.ts';
import { answer, hang, LoopbackServer, type Answer } from './loopback-server.ts';

const running: LoopbackServer[] = [];

async function serve(...answers: readonly Answer[]): Promise<LoopbackServer> {
  const server = await new LoopbackServer(...answers).start();
  running.push(server);
  return server;
}

type Serializer = typeof JsonTraceSerializer;

function transportTo(url: string): HttpTransport {
  return new HttpTransport({
    url,
    headers: () => Promise.resolve({ 'Content-Type': 'application/json' }),
    agent: () => new Agent({ keepAlive: true }),
    compress: false,
  });
}

function exporterTo(url: string, timeoutMs = 10_000, serializer: Serializer = JsonTraceSerializer): OtlpExporter {
  return new OtlpExporter({ transport: transportTo(url), serializer, timeoutMs });
}

const exportThrough = (exporter: OtlpExporter, spanCount = 3): Promise<OtlpExportResult> =>
  new Promise((resolve) => exporter.export(endedSpans(spanCount, 'GET /orders'), resolve));

const failedWith = (message: string) => ({ code: ExportResultCode.FAILED, error: new Error(message) });

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe('the OTLP exporter', () => {
  it('delivers spans that a collector can read', async () => {
    const server = await serve(answer(200, '{}'));
    const result = await exportThrough(exporterTo(server.url), 3);
    expect(result).toEqual({ code: ExportResultCode.SUCCESS, rejectedCount: 0 });
    const body: unknown = JSON.parse(server.received[0]?.body.toString() ?? '');
    expect(body).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'GET /orders' }, { name: 'GET /orders' }, {}] }] }],
    });
  });

  it('tries again when the collector is busy', async () => {
    const server = await serve(answer(503), answer(200, '{}'));
    const startMs = performance.now();
    const result = await exportThrough(exporterTo(server.url));
    expect(result).toMatchObject({ code: ExportResultCode.SUCCESS });
    expect(server.received).toHaveLength(2);
    expect(server.received[1]?.body).toEqual(server.received[0]?.body);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(480);
  });

  it('does not try again what was refused for good', async () => {
    const server = await serve(answer(400, 'jane'), answer(200));
    expect(await exportThrough(exporterTo(server.url))).toEqual(failedWith('HTTP 400'));
    expect(server.received).toHaveLength(1);
  });

  it('does not wait for a time that lies after its own', async () => {
    const server = await serve(answer(503), answer(200));
    expect(await exportThrough(exporterTo(server.url, 300))).toEqual(failedWith('HTTP 503'));
    const patient = await serve(answer(429, '', { 'retry-after': '3600' }), answer(200));
    expect(await exportThrough(exporterTo(patient.url))).toEqual(failedWith('HTTP 429'));
    expect([server.received.length, patient.received.length]).toEqual([1, 1]);
  });

  it('gives up a collector that never answers', async () => {
    const server = await serve(hang);
    expect(await exportThrough(exporterTo(server.url, 40))).toEqual(failedWith('timeout'));
  });

  it('tells how many spans a collector rejected', async () => {
    const server = await serve(answer(200, '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"jane"}}'));
    expect(await exportThrough(exporterTo(server.url))).toEqual({ code: ExportResultCode.SUCCESS, rejectedCount: 2 });
  });

  it.each(['', '{}', 'OK', '<html>', '{"partialSuccess":null}', '{"partialSuccess":{}}', '[1', 'null'])(
    'takes 200 with the body %j for a delivery',
    async (body) => {
      const server = await serve(answer(200, body));
      expect(await exportThrough(exporterTo(server.url))).toEqual({ code: ExportResultCode.SUCCESS, rejectedCount: 0 });
    },
  );

  it('takes any bytes for an answer in protobuf', async () => {
    const server = await serve(answer(200, new Uint8Array([0xff, 0xff, 0xff, 1, 2])));
    const result = await exportThrough(exporterTo(server.url, 10_000, ProtobufTraceSerializer));
    expect(result).toEqual({ code: ExportResultCode.SUCCESS, rejectedCount: 0 });
  });

  it('fails when spans cannot be serialized, and never throws', async () => {
    const broken: Serializer = { ...JsonTraceSerializer, serializeRequest: () => undefined };
    const throwing: Serializer = {
      ...JsonTraceSerializer,
      serializeRequest() {
        throw new TypeError('no serializer');
      },
    } satisfies ISerializer<never, unknown>;
    expect(await exportThrough(exporterTo('http://127.0.0.1:1', 100, broken))).toEqual(
      failedWith('the batch could not be serialized'),
    );
    expect(await exportThrough(exporterTo('http://127.0.0.1:1', 100, throwing))).toEqual({
      code: ExportResultCode.FAILED,
      error: new TypeError('no serializer'),
    });
  });
});

describe('closing', () => {
  it('ends the wait before a retry: one more attempt at once, and no other', async () => {
    // An hour's wait, so that only the closing can end it.
    const busy = answer(503, '', { 'retry-after': '3600' });
    const server = await serve(busy, busy, answer(200));
    const transport = transportTo(server.url);
    const firstAnswer = Promise.withResolvers<void>();
    const send = transport.send.bind(transport);
    transport.send = async (...args) => {
      const outcome = await send(...args);
      firstAnswer.resolve();
      return outcome;
    };
    const exporter = new OtlpExporter({ transport, serializer: JsonTraceSerializer, timeoutMs: 2 * 3_600_000 });
    const result = exportThrough(exporter);
    await firstAnswer.promise;
    // One turn later the exporter waits.
    await new Promise((resolve) => setImmediate(resolve));
    exporter.setClosing(true);
    expect(await result).toEqual(failedWith('HTTP 503'));
    expect(server.received).toHaveLength(2);
  });

  it('lets each further batch make one attempt', async () => {
    const server = await serve(answer(503), answer(200));
    const exporter = exporterTo(server.url);
    exporter.setClosing(true);
    expect(await exportThrough(exporter)).toEqual(failedWith('HTTP 503'));
    expect(await exportThrough(exporter)).toMatchObject({ code: ExportResultCode.SUCCESS });
  });

  it('can be taken back', async () => {
    const server = await serve(answer(503, '', { 'retry-after': '0.02' }), answer(200));
    const exporter = exporterTo(server.url);
    exporter.setClosing(true);
    exporter.setClosing(false);
    expect(await exportThrough(exporter)).toMatchObject({ code: ExportResultCode.SUCCESS });
    expect(server.received).toHaveLength(2);
  });

  it('by abort or shutdown ends what is under way', async () => {
    for (const end of ['abort', 'shutdown'] as const) {
      const server = await serve(hang);
      const exporter = exporterTo(server.url);
      const result = exportThrough(exporter);
      await server.hasReceived(1);
      void exporter[end]();
      expect(await result).toEqual(failedWith('deadline'));
      expect(server.received).toHaveLength(1);
    }
  });
});
