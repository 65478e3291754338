import type { AgentOptions } from 'node:https';
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import type { OtlpProtocol } from '../standard-settings.ts';
import { readGrpcEndpoint } from './grpc-endpoint.ts';
import { GrpcTransport } from './grpc-transport.ts';
import { HttpTransport } from './http-transport.ts';
import type { OtlpTransport } from './otlp-transport.ts';

/** A way to send one signal over OTLP. */
export interface OpenedOtlp {
  readonly transport: OtlpTransport;
  readonly timeoutMs: number;
  /** As a person would name it: without user and password. */
  readonly destination: string;
}

/** What OpenTelemetry's variables call a signal, where its path ends over HTTP, and its method over gRPC. */
const SIGNALS = {
  TRACES: { path: 'v1/traces', method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export' },
  METRICS: { path: 'v1/metrics', method: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export' },
} as const;
const CONTENT_TYPES = {
  'http/json': { 'Content-Type': 'application/json' },
  'http/protobuf': { 'Content-Type': 'application/x-protobuf' },
  grpc: {},
} as const;

const NO_URL = 'an endpoint that is not a URL';

/** Opens the way of a signal as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function openOtlp(signal: keyof typeof SIGNALS, protocol: OtlpProtocol): OpenedOtlp {
  const { path, method } = SIGNALS[signal];
  // The SDK's own reading of the variables: endpoint, headers, timeout, compression, certificates.
  const config = convertLegacyHttpOptions({}, signal, path, CONTENT_TYPES[protocol]);
  const { headers, agentFactory, timeoutMillis: timeoutMs } = config;
  const compress = config.compression === 'gzip';
  if (protocol !== 'grpc') {
    const transport = new HttpTransport({ url: config.url, headers, agent: agentFactory, compress });
    return { transport, timeoutMs, destination: withoutUser(config.url) };
  }
  const { url, socketPath } = readGrpcEndpoint(signal, process.env);
  const transport = new GrpcTransport({
    url,
    path: method,
    headers,
    async connectOptions() {
      // For HTTP the SDK puts the certificates into its agent.
      const { options } = (await agentFactory('https:')) as { readonly options?: AgentOptions };
      return { ca: options?.ca, cert: options?.cert, key: options?.key, socketPath };
    },
    compress,
  });
  return { transport, timeoutMs, destination: `${socketPath ?? hostOf(url)} over gRPC` };
}

function withoutUser(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? NO_URL : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/** Over gRPC a path has no meaning. */
function hostOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? NO_URL : `${parsed.protocol}//${parsed.host}`;
}
