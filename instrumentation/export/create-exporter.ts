import { createRequire } from 'node:module';
import type * as OtlpTransformer from '@opentelemetry/otlp-transformer';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpProtocol, TelemetryExporter } from '../standard-settings.ts';
import type { ClosableExporter } from './batch-export-processor.ts';
import { openOtlp } from './open-otlp.ts';
import { OtlpExporter, type SpanSerializer } from './otlp-exporter.ts';

/** An exporter and the place it sends to, as a person would name it. */
export interface NamedExporter {
  readonly exporter: ClosableExporter;
  readonly destination: string;
}

type ExporterClass = new () => SpanExporter;

const require = createRequire(import.meta.url);

/**
 * Builds an exporter as the standard OTEL_EXPORTER_OTLP_* variables have it. `protobuf` stands in place of the SDK's own
 * serializer. What an exporter needs is loaded with it.
 */
export function createExporter(
  kind: TelemetryExporter,
  protocol: OtlpProtocol,
  protobuf?: SpanSerializer,
): NamedExporter {
  if (kind === 'console') {
    const { ConsoleSpanExporter } = require('@opentelemetry/sdk-trace') as { ConsoleSpanExporter: ExporterClass };
    return { exporter: new ConsoleSpanExporter(), destination: 'the console' };
  }
  const { transport, timeoutMs, destination } = openOtlp('TRACES', protocol);
  const serializer = protocol !== 'http/json' && protobuf !== undefined ? protobuf : sdkSerializer(protocol);
  return { exporter: new OtlpExporter({ transport, serializer, timeoutMs }), destination };
}

function sdkSerializer(protocol: OtlpProtocol): SpanSerializer {
  const transformer = require('@opentelemetry/otlp-transformer') as typeof OtlpTransformer;
  return protocol === 'http/json' ? transformer.JsonTraceSerializer : transformer.ProtobufTraceSerializer;
}
