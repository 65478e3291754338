import type { Environment } from '../../core/settings.ts';
import { PROTOCOLS, readExporters, type OtlpProtocol, type TelemetryExporter } from '../standard-settings.ts';
import type { TemporalityPreference } from './temporality.ts';

const TEMPORALITIES: readonly TemporalityPreference[] = ['cumulative', 'delta', 'lowmemory'];

/**
 * OpenTelemetry's variables for metrics.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export interface MetricSettings {
  /** Without `none`, which empties the list. */
  readonly exporters: readonly TelemetryExporter[];
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
    exporters: readExporters('OTEL_METRICS_EXPORTER', text, refuse),
    protocol: oneOf(text(ofMetrics) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : ofMetrics, PROTOCOLS, 'http/json'),
    temporality: oneOf('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', TEMPORALITIES, 'cumulative'),
    intervalMs,
    timeoutMs: milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', 30_000),
  };
  // Spans go by the shared variable too, and have said it.
  return { settings, problems: problems.filter((problem) => !problem.startsWith('OTEL_EXPORTER_OTLP_PROTOCOL=')) };
}
