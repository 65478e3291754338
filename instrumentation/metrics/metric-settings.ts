import type { Environment } from '../../core/settings.ts';
import type { OtlpProtocol } from '../standard-settings.ts';
import type { TemporalityPreference } from './temporality.ts';

export type MetricsExporter = 'otlp' | 'console' | 'none';

const EXPORTERS: readonly MetricsExporter[] = ['otlp', 'console', 'none'];
const PROTOCOLS: readonly OtlpProtocol[] = ['http/json', 'http/protobuf', 'grpc'];
const TEMPORALITIES: readonly TemporalityPreference[] = ['cumulative', 'delta', 'lowmemory'];

/**
 * OpenTelemetry's variables for metrics.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export interface MetricSettings {
  /** Without `none`, which empties the list. */
  readonly exporters: readonly MetricsExporter[];
  readonly protocol: OtlpProtocol;
  readonly temporality: TemporalityPreference;
  readonly intervalMs: number;
  /** For one collection and its export. */
  readonly timeoutMs: number;
}

/** Never throws: what cannot be used gives a line in `problems` and the default. Empty means unset. */
export function readMetricSettings(environment: Environment): {
  readonly settings: MetricSettings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const text = (variable: string): string | undefined => environment[variable]?.trim() || undefined;
  const refuse = (variable: string, why: string): void => {
    problems.push(`${variable}="${(text(variable) ?? '').slice(0, 60)}" ${why}`);
  };
  const oneOf = <Value extends string>(variable: string, accepted: readonly Value[], fallback: Value): Value => {
    const value = text(variable)?.toLowerCase();
    const match = accepted.find((candidate) => candidate === value);
    if (value !== undefined && match === undefined)
      refuse(variable, `is not ${accepted.join(', ')}. Using ${fallback} (the default).`);
    return match ?? fallback;
  };
  const milliseconds = (variable: string, fallback: number): number => {
    const value = text(variable);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= 1) return Math.min(number, 2 ** 31 - 1);
    refuse(variable, `is not a whole number of milliseconds from 1. Using ${fallback} (the default).`);
    return fallback;
  };
  const ofMetrics = 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL';
  const intervalMs = milliseconds('OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  const settings: MetricSettings = {
    exporters: readExporters(text('OTEL_METRICS_EXPORTER'), refuse),
    protocol: oneOf(text(ofMetrics) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : ofMetrics, PROTOCOLS, 'http/json'),
    temporality: oneOf('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', TEMPORALITIES, 'cumulative'),
    intervalMs,
    timeoutMs: milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', 30_000),
  };
  // Spans go by the shared variable too, and have said it.
  return { settings, problems: problems.filter((problem) => !problem.startsWith('OTEL_EXPORTER_OTLP_PROTOCOL=')) };
}

function readExporters(
  value: string | undefined,
  refuse: (variable: string, why: string) => void,
): readonly MetricsExporter[] {
  if (value === undefined) return ['otlp'];
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const known = EXPORTERS.filter((exporter) => names.includes(exporter));
  if (names.some((name) => !EXPORTERS.some((exporter) => exporter === name))) {
    refuse(
      'OTEL_METRICS_EXPORTER',
      `is not a list of ${EXPORTERS.join(', ')}. Using ${known.join(', ') || 'otlp (the default)'}.`,
    );
  }
  if (known.includes('none')) return [];
  return known.length === 0 ? ['otlp'] : known;
}
