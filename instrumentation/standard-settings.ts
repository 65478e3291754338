import type { Environment } from '../core/settings.ts';
import type { BatchSettings } from './export/batch-export-processor.ts';

/** Of spans and of metrics alike. */
export type TelemetryExporter = 'otlp' | 'console' | 'none';
export type OtlpProtocol = 'http/json' | 'http/protobuf' | 'grpc';

const EXPORTERS: readonly TelemetryExporter[] = ['otlp', 'console', 'none'];
export const PROTOCOLS: readonly OtlpProtocol[] = ['http/json', 'http/protobuf', 'grpc'];

/** The samplers of the standard variable, by what they decide at a root. */
export interface SamplerSetting {
  readonly root: 'always_on' | 'always_off' | 'traceidratio';
  /** A trace that was begun elsewhere is sampled as it was there. */
  readonly isParentBased: boolean;
  /** 0–1; of `traceidratio`. */
  readonly ratio: number;
}

/**
 * OpenTelemetry's variables that the NodeSDK reads only for processors and samplers it builds itself; ours stand in their place.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export interface StandardSettings {
  readonly disabled: boolean;
  readonly exporters: readonly TelemetryExporter[];
  readonly protocol: OtlpProtocol;
  readonly batch: BatchSettings;
  readonly sampler: SamplerSetting;
  readonly serviceName: string;
}

/** Never throws: what cannot be used gives a line in `problems` and the default. Empty means unset. */
export function readStandardSettings(
  environment: Environment,
  defaultProtocol: OtlpProtocol = 'http/json',
): {
  readonly settings: StandardSettings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const refuse = (variable: string, why: string): void => {
    problems.push(`${variable}="${(environment[variable] ?? '').slice(0, 60)}" ${why}`);
  };
  const text = (variable: string): string | undefined => environment[variable]?.trim() || undefined;
  const count = (variable: string, fallback: number, minimum: number): number => {
    const value = text(variable);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= minimum) return number;
    refuse(variable, `is not a whole number from ${minimum}. Using ${fallback} (the default).`);
    return fallback;
  };
  const maxQueueSize = count('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1);
  const settings: StandardSettings = {
    disabled: text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true',
    exporters: readExporters('OTEL_TRACES_EXPORTER', text, refuse),
    protocol: readProtocol(text, refuse, defaultProtocol),
    batch: {
      maxQueueSize,
      maxExportBatchSize: Math.min(count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1), maxQueueSize),
      scheduleDelayMs: count('OTEL_BSP_SCHEDULE_DELAY', 5000, 0),
    },
    sampler: readSampler(text, refuse),
    serviceName:
      text('OTEL_SERVICE_NAME') ?? resourceServiceName(text('OTEL_RESOURCE_ATTRIBUTES')) ?? 'unknown_service:node',
  };
  return { settings, problems };
}

type Read = (variable: string) => string | undefined;
type Refuse = (variable: string, why: string) => void;

/** The exporters that OTEL_TRACES_EXPORTER or OTEL_METRICS_EXPORTER lists; `none` empties the list. */
export function readExporters(variable: string, text: Read, refuse: Refuse): readonly TelemetryExporter[] {
  const value = text(variable);
  if (value === undefined) return ['otlp'];
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const known = EXPORTERS.filter((exporter) => names.includes(exporter));
  if (names.some((name) => !EXPORTERS.some((exporter) => exporter === name))) {
    refuse(variable, `is not a list of ${EXPORTERS.join(', ')}. Using ${known.join(', ') || 'otlp (the default)'}.`);
  }
  if (known.includes('none')) return [];
  return known.length === 0 ? ['otlp'] : known;
}

function readProtocol(text: Read, refuse: Refuse, fallback: OtlpProtocol): OtlpProtocol {
  const variable =
    text('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') === undefined
      ? 'OTEL_EXPORTER_OTLP_PROTOCOL'
      : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
  const value = text(variable);
  const protocol = PROTOCOLS.find((candidate) => candidate === value);
  if (value !== undefined && protocol === undefined)
    refuse(variable, `is not ${PROTOCOLS.join(', ')}. Using ${fallback} (the default).`);
  return protocol ?? fallback;
}

function readSampler(text: Read, refuse: Refuse): SamplerSetting {
  const name = text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const root = (['always_on', 'always_off', 'traceidratio'] as const).find(
    (known) => name === known || name === `parentbased_${known}`,
  );
  if (root === undefined) {
    refuse(
      'OTEL_TRACES_SAMPLER',
      'is not always_on, always_off, traceidratio, or one of these with parentbased_ before it. Using parentbased_always_on (the default).',
    );
    return { root: 'always_on', isParentBased: true, ratio: 1 };
  }
  const ratio = root === 'traceidratio' ? readRatio(text, refuse) : 1;
  return { root, isParentBased: name.startsWith('parentbased_'), ratio };
}

function readRatio(text: Read, refuse: Refuse): number {
  const value = text('OTEL_TRACES_SAMPLER_ARG');
  const ratio = value === undefined ? 1 : Number(value);
  if (ratio >= 0 && ratio <= 1) return ratio;
  refuse('OTEL_TRACES_SAMPLER_ARG', 'is not a ratio from 0 to 1. Using 1 (the default).');
  return 1;
}

function resourceServiceName(attributes: string | undefined): string | undefined {
  const entry = attributes?.split(',').find((part) => part.trim().startsWith('service.name='));
  return entry?.slice(entry.indexOf('=') + 1).trim() || undefined;
}
