import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { OtlpTransport } from './otlp-transport.ts';

/** A way to send one signal over OTLP/HTTP. */
export interface OtlpHttp {
  readonly transport: OtlpTransport;
  readonly timeoutMs: number;
  /** As a person would name it: without user and password. */
  readonly destination: string;
}

/** What OpenTelemetry's variables call a signal, and where its path ends. */
const PATHS = { TRACES: 'v1/traces', METRICS: 'v1/metrics' } as const;

/** Opens the way of a signal as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function openOtlpHttp(signal: keyof typeof PATHS, protocol: 'http/json' | 'http/protobuf'): OtlpHttp {
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  // The SDK's own reading of the variables: endpoint, headers, timeout, compression, certificates.
  const config = convertLegacyHttpOptions({}, signal, PATHS[signal], { 'Content-Type': contentType });
  const transport = new OtlpTransport({
    url: config.url,
    headers: config.headers,
    agent: config.agentFactory,
    compress: config.compression === 'gzip',
  });
  return { transport, timeoutMs: config.timeoutMillis, destination: withoutUser(config.url) };
}

function withoutUser(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'an endpoint that is not a URL';
  }
}
