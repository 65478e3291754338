import { ExportResultCode } from '@opentelemetry/core';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { ConsoleMetricExporter, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { openOtlp } from '../export/open-otlp.ts';
import type { OtlpProtocol, TelemetryExporter } from '../standard-settings.ts';
import { OtlpMetricSender, type MetricSender } from './otlp-metric-sender.ts';

/** A sender and the place it sends to, as a person would name it. */
export interface NamedSender {
  readonly sender: MetricSender;
  readonly destination: string;
}

/** Builds a sender as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function createMetricSender(kind: TelemetryExporter, protocol: OtlpProtocol): NamedSender {
  if (kind === 'console') return { sender: senderOf(new ConsoleMetricExporter()), destination: 'the console' };
  const { transport, timeoutMs, destination } = openOtlp('METRICS', protocol);
  const serializer = protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return { sender: new OtlpMetricSender({ transport, serializer, timeoutMs }), destination };
}

function senderOf(exporter: PushMetricExporter): MetricSender {
  return {
    send: (metrics) =>
      new Promise((resolve) => {
        exporter.export(metrics, ({ code, error }) => {
          resolve(code === ExportResultCode.SUCCESS ? undefined : (error?.name ?? 'unknown error'));
        });
      }),
  };
}
