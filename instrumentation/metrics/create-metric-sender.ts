import { createRequire } from 'node:module';
import { ExportResultCode } from '@opentelemetry/core';
import type * as OtlpTransformer from '@opentelemetry/otlp-transformer';
import type { IExportMetricsServiceResponse, ISerializer } from '@opentelemetry/otlp-transformer';
import { ConsoleMetricExporter, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { openOtlp } from '../export/open-otlp.ts';
import type { OtlpProtocol, TelemetryExporter } from '../standard-settings.ts';
import { OtlpMetricSender, type MetricSender } from './otlp-metric-sender.ts';

const require = createRequire(import.meta.url);

/** A sender and the place it sends to, as a person would name it. */
export interface NamedSender {
  readonly sender: MetricSender;
  readonly destination: string;
}

/** Builds a sender as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function createMetricSender(kind: TelemetryExporter, protocol: OtlpProtocol): NamedSender {
  if (kind === 'console') return { sender: senderOf(new ConsoleMetricExporter()), destination: 'the console' };
  const { transport, timeoutMs, destination } = openOtlp('METRICS', protocol);
  return { sender: new OtlpMetricSender({ transport, serializer: serializerOf(protocol), timeoutMs }), destination };
}

type MetricsSerializer = ISerializer<ResourceMetrics, IExportMetricsServiceResponse>;

/** The SDK's, loaded with the first collection that is sent: a program's start does not need it. */
function serializerOf(protocol: OtlpProtocol): MetricsSerializer {
  const loaded = (): MetricsSerializer => {
    const transformer = require('@opentelemetry/otlp-transformer') as typeof OtlpTransformer;
    return protocol === 'http/json' ? transformer.JsonMetricsSerializer : transformer.ProtobufMetricsSerializer;
  };
  return {
    serializeRequest: (metrics) => loaded().serializeRequest(metrics),
    deserializeResponse: (body) => loaded().deserializeResponse(body),
  };
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
