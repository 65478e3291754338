import { createRequire } from 'node:module';
import { ExportResultCode } from '@opentelemetry/core';
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { ConsoleMetricExporter, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { OtlpTransport } from '../export/otlp-transport.ts';
import type { OtlpProtocol } from '../standard-settings.ts';
import type { MetricsExporter } from './metric-settings.ts';
import { OtlpMetricSender, type MetricSender } from './otlp-metric-sender.ts';

/** A sender and the place it sends to, as a person would name it. */
export interface NamedSender {
  readonly sender: MetricSender;
  readonly destination: string;
}

/** Builds a sender as the standard OTEL_EXPORTER_OTLP_* variables have it. */
export function createMetricSender(kind: MetricsExporter, protocol: OtlpProtocol): NamedSender {
  if (kind === 'console') return { sender: senderOf(new ConsoleMetricExporter()), destination: 'the console' };
  return protocol === 'grpc' ? grpcSender() : httpSender(protocol);
}

function httpSender(protocol: 'http/json' | 'http/protobuf'): NamedSender {
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  // The SDK's own reading of the variables: endpoint, headers, timeout, compression, certificates.
  const config = convertLegacyHttpOptions({}, 'METRICS', 'v1/metrics', { 'Content-Type': contentType });
  const transport = new OtlpTransport({
    url: config.url,
    headers: config.headers,
    agent: config.agentFactory,
    compress: config.compression === 'gzip',
  });
  const serializer = protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return {
    sender: new OtlpMetricSender({ transport, serializer, timeoutMs: config.timeoutMillis }),
    destination: withoutUser(config.url),
  };
}

/** Loaded only when it is asked for: gRPC costs 10 MB of memory and its start-up time. */
function grpcSender(): NamedSender {
  const require = createRequire(import.meta.url);
  const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-grpc') as {
    OTLPMetricExporter: new () => PushMetricExporter;
  };
  return { sender: senderOf(new OTLPMetricExporter()), destination: 'OTLP over gRPC' };
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

function withoutUser(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'an endpoint that is not a URL';
  }
}
