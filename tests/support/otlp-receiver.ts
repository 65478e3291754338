import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readMetrics, type ReceivedMetric } from './otlp-metrics.ts';
import { decodeTracesRequest } from './otlp-traces-protobuf.ts';

/** One span as it came over OTLP/HTTP, flattened. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  readonly startMs: number;
  readonly endMs: number;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly status: { readonly code?: number; readonly message?: string };
  readonly scope: string;
  readonly serviceName: unknown;
}

/** How the collector behaves: it answers, it takes connections and never answers, or it answers a byte every second. */
export type ReceiverMode = 'answer' | 'hang' | 'drip';

interface OtlpValue {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: OtlpValue[] };
}
interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  traceState?: string;
  flags?: number;
  attributes?: OtlpAttribute[];
  events?: { name: string; attributes?: OtlpAttribute[] }[];
  links?: { traceId: string; spanId: string; attributes?: OtlpAttribute[] }[];
  status?: { code?: number; message?: string };
}
interface OtlpRequest {
  resourceSpans: {
    resource?: { attributes?: OtlpAttribute[] };
    scopeSpans: { scope?: { name?: string }; spans: OtlpSpan[] }[];
  }[];
}

const KINDS = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

/** A collector on a free loopback port that keeps what it is sent. Real OTLP over a real socket. */
export class OtlpReceiver {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly spans: ReceivedSpan[] = [];
  /** Everything that arrived, as text: to look for what must not be in it. */
  rawText = '';
  /** Of spans; metrics stand apart. */
  readonly requestPaths: string[] = [];
  /** What came to a path for metrics, one list per request. */
  readonly metricExports: (readonly ReceivedMetric[])[] = [];
  /** Requests for metrics, answered or not. */
  metricRequestCount = 0;
  requestHeaders: Readonly<Record<string, unknown>> = {};
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  endpoint = '';

  private constructor(mode: ReceiverMode) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isMetrics = request.url?.endsWith('/metrics') === true;
        if (isMetrics) this.metricRequestCount++;
        else {
          this.requestPaths.push(request.url ?? '');
          this.requestHeaders = request.headers;
        }
        if (mode === 'hang') return;
        if (mode === 'drip') {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
          const timer = setInterval(() => response.write('{'), 500);
          response.on('close', () => clearInterval(timer));
          return;
        }
        const body = Buffer.concat(chunks);
        const contentType = request.headers['content-type'] ?? '';
        if (isMetrics) this.#takeMetrics(body, contentType);
        else this.#take(body, contentType);
        response.writeHead(200, { 'content-type': contentType });
        response.end(contentType.includes('json') ? '{}' : '');
      });
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(mode: ReceiverMode = 'answer'): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(mode);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    receiver.endpoint = `http://127.0.0.1:${(receiver.#server.address() as AddressInfo).port}`;
    return receiver;
  }

  /** The spans of the trace that `spanId`'s span, or the first SERVER span under `path`, belongs to. */
  traceOf(path: string): readonly ReceivedSpan[] {
    const root = this.spans.find((span) => span.kind === 'SERVER' && span.attributes['url.path'] === path);
    return root === undefined ? [] : this.spans.filter((span) => span.traceId === root.traceId);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #takeMetrics(body: Buffer, contentType: string): void {
    this.rawText += body.toString();
    this.metricExports.push(readMetrics(body, contentType));
  }

  #take(body: Buffer, contentType: string): void {
    this.rawText += body.toString();
    const isJson = contentType.includes('json');
    const request = (isJson ? JSON.parse(body.toString()) : decodeTracesRequest(body)) as OtlpRequest;
    for (const { resource, scopeSpans } of request.resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) {
          this.spans.push({
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
            name: span.name,
            kind: KINDS[span.kind] ?? 'INTERNAL',
            startMs: toMs(span.startTimeUnixNano),
            endMs: toMs(span.endTimeUnixNano),
            traceState: span.traceState ?? '',
            flags: span.flags ?? 0,
            attributes: toRecord(span.attributes),
            events: (span.events ?? []).map((event) => ({ name: event.name, attributes: toRecord(event.attributes) })),
            links: (span.links ?? []).map((link) => ({ ...link, attributes: toRecord(link.attributes) })),
            status: span.status ?? {},
            scope: scope?.name ?? '',
            serviceName: toRecord(resource?.attributes)['service.name'],
          });
        }
      }
    }
  }
}

function toMs(unixNano: string): number {
  return Number(BigInt(unixNano) / 1000n) / 1000;
}

function toRecord(attributes: readonly OtlpAttribute[] | undefined): Record<string, unknown> {
  return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: OtlpValue): unknown {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(toValue);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
