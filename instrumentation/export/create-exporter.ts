import { createRequire } from 'node:module';
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpProtocol, TracesExporter } from '../standard-settings.ts';
import type { ClosableExporter } from './batch-export-processor.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { OtlpTransport } from './otlp-transport.ts';

/** An exporter and the place it sends to, as a person would name it. */
export interface NamedExporter {
  readonly exporter: ClosableExporter;
  readonly destination: string;
}

/** Builds an exporter as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function createExporter(kind: TracesExporter, protocol: OtlpProtocol): NamedExporter {
  if (kind === 'console') return { exporter: new ConsoleSpanExporter(), destination: 'the console' };
  return protocol === 'grpc' ? grpcExporter() : httpExporter(protocol);
}

function httpExporter(protocol: 'http/json' | 'http/protobuf'): NamedExporter {
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  // The SDK's own reading of the variables: endpoint, headers, timeout, compression, certificates.
  const config = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': contentType });
  const transport = new OtlpTransport({
    url: config.url,
    headers: config.headers,
    agent: config.agentFactory,
    compress: config.compression === 'gzip',
  });
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return {
    exporter: new OtlpExporter({ transport, serializer, timeoutMs: config.timeoutMillis }),
    destination: withoutUser(config.url),
  };
}

/** Loaded only when it is asked for: gRPC costs 10 MB of memory and its start-up time. */
function grpcExporter(): NamedExporter {
  const require = createRequire(import.meta.url);
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-grpc') as {
    OTLPTraceExporter: new () => SpanExporter;
  };
  return { exporter: new OTLPTraceExporter(), destination: 'OTLP over gRPC' };
}

function withoutUser(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'an endpoint that is not a URL';
  }
}
