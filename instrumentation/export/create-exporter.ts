import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { ConsoleSpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpProtocol, TelemetryExporter } from '../standard-settings.ts';
import type { ClosableExporter } from './batch-export-processor.ts';
import { openOtlp } from './open-otlp.ts';
import { OtlpExporter } from './otlp-exporter.ts';

/** An exporter and the place it sends to, as a person would name it. */
export interface NamedExporter {
  readonly exporter: ClosableExporter;
  readonly destination: string;
}

/** Builds an exporter as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function createExporter(kind: TelemetryExporter, protocol: OtlpProtocol): NamedExporter {
  if (kind === 'console') return { exporter: new ConsoleSpanExporter(), destination: 'the console' };
  const { transport, timeoutMs, destination } = openOtlp('TRACES', protocol);
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return { exporter: new OtlpExporter({ transport, serializer, timeoutMs }), destination };
}
