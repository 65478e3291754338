import { AggregationTemporality, InstrumentType } from '@opentelemetry/sdk-metrics';

export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory';

/** What can only be summed up as a total: differences of it say nothing by themselves. */
const UP_AND_DOWN: readonly InstrumentType[] = [
  InstrumentType.UP_DOWN_COUNTER,
  InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
];
const SYNCHRONOUS_SUMS: readonly InstrumentType[] = [InstrumentType.COUNTER, InstrumentType.HISTOGRAM];

/**
 * Totals since the start, or differences since the last collection.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/otlp/#additional-environment-variable-configuration
 */
export function temporalityOf(preference: TemporalityPreference, type: InstrumentType): AggregationTemporality {
  const isDelta =
    preference === 'delta'
      ? !UP_AND_DOWN.includes(type)
      : preference === 'lowmemory' && SYNCHRONOUS_SUMS.includes(type);
  return isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}
