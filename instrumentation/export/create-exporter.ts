import { createRequire } from 'node:module';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpProtocol, TelemetryExporter } from '../standard-settings.ts';
import type { ClosableExporter } from './batch-export-processor.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { openOtlpHttp } from './otlp-http.ts';

/** An exporter and the place it sends to, as a person would name it. */
export interface NamedExporter {
  readonly exporter: ClosableExporter;
  readonly destination: string;
}

/** Builds an exporter as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function createExporter(kind: TelemetryExporter, protocol: OtlpProtocol): NamedExporter {
  if (kind === 'console') return { exporter: new ConsoleSpanExporter(), destination: 'the console' };
  return protocol === 'grpc' ? grpcExporter() : httpExporter(protocol);
}

function httpExporter(protocol: 'http/json' | 'http/protobuf'): NamedExporter {
  const { transport, timeoutMs, destination } = openOtlpHttp('TRACES', protocol);
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return { exporter: new OtlpExporter({ transport, serializer, timeoutMs }), destination };
}

/** Loaded only when it is asked for: gRPC costs 10 MB of memory and its start-up time. */
function grpcExporter(): NamedExporter {
  const require = createRequire(import.meta.url);
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-grpc') as {
    OTLPTraceExporter: new () => SpanExporter;
  };
  return { exporter: new OTLPTraceExporter(), destination: 'OTLP over gRPC' };
}
