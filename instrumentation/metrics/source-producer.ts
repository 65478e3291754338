import { ValueType, type HrTime } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type CollectionResult,
  type DataPoint,
  type ExponentialHistogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { DurationHistogram } from '../../core/duration-histogram.ts';
import type { OtlpHistogram } from '../../core/otlp-histogram.ts';
import type { MetricFamily, MetricSeries, MetricSource } from '../../monitor/metric-store-series.ts';
import { histogramSince, toDataPoint } from './histogram-since.ts';
import { temporalityOf, type TemporalityPreference } from './temporality.ts';

export const SCOPE = { name: 'slowpath' } as const;

export interface SourceProducerOptions {
  readonly sources: readonly MetricSource[];
  readonly temporality: TemporalityPreference;
  /** When the sources began to count; milliseconds since 1970. */
  readonly startUnixMs: number;
  readonly unixNowMs: () => number;
}

const INSTRUMENTS: Readonly<Record<MetricFamily['kind'], InstrumentType>> = {
  histogram: InstrumentType.HISTOGRAM,
  counter: InstrumentType.COUNTER,
  gauge: InstrumentType.GAUGE,
  upDownCounter: InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
};

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/**
 * Hands the sources' series to a metric reader when it collects. One for each reader: with delta temporality it knows what
 * its reader has had.
 *
 * The series of a counter goes out as 0 first, and with its count at the next collection: Prometheus' `increase()` sees the
 * step from 0 to 1, and not the birth of a series at 1.
 */
export class SourceProducer implements MetricProducer {
  readonly #options: SourceProducerOptions;
  readonly #histograms = new WeakMap<object, OtlpHistogram>();
  /** What each series of a counter was when it went out last. */
  readonly #counts = new WeakMap<object, number>();
  #lastUnixMs: number;
  #isBehind = false;

  constructor(options: SourceProducerOptions) {
    this.#options = options;
    this.#lastUnixMs = options.startUnixMs;
  }

  /** True when a counter's series has gone out as 0 and waits for the next collection. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  collect(): Promise<CollectionResult> {
    const { sources, startUnixMs, unixNowMs } = this.#options;
    const nowUnixMs = Math.max(unixNowMs(), this.#lastUnixMs);
    const endTime = hrTimeOf(nowUnixMs);
    const cumulative = { startTime: hrTimeOf(startUnixMs), endTime };
    const delta = { startTime: hrTimeOf(this.#lastUnixMs), endTime };
    this.#isBehind = false;
    const metrics = sources
      .flatMap((source) => source.families())
      .map((family) => this.#toMetric(family, cumulative, delta))
      .filter(({ dataPoints }) => dataPoints.length > 0);
    this.#lastUnixMs = nowUnixMs;
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: SCOPE, metrics }];
    return Promise.resolve({ resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] });
  }

  #toMetric(family: MetricFamily, cumulative: Times, delta: Times): MetricData {
    const { name, description, unit, kind } = family;
    const aggregationTemporality = temporalityOf(this.#options.temporality, INSTRUMENTS[kind]);
    const isDelta = aggregationTemporality === AggregationTemporality.DELTA;
    const times = isDelta ? delta : cumulative;
    if (family.kind === 'histogram') {
      return {
        descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
        aggregationTemporality,
        dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
        dataPoints: pointsOf(family.series, times, (series) => this.#histogramPoint(series, isDelta)),
      };
    }
    const descriptor = { name, description, unit, valueType: ValueType.INT };
    if (family.kind === 'gauge') {
      const dataPoints = pointsOf(family.series, cumulative, ({ value }) => value);
      return { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
    }
    if (family.kind === 'upDownCounter') {
      // Its amount stands from the first collection on: there is no rate to be taken of it.
      const dataPoints = pointsOf(family.series, cumulative, ({ value }) => value);
      return { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: false, dataPoints };
    }
    return {
      descriptor,
      aggregationTemporality,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: pointsOf(family.series, times, (series) => this.#countPoint(series, isDelta)),
    };
  }

  #histogramPoint(series: MetricSeries<DurationHistogram>, isDelta: boolean): ExponentialHistogram | undefined {
    const before = isDelta ? this.#histograms.get(series) : undefined;
    if (before?.count === series.value.count) return undefined;
    const now = series.value.toOtlp();
    if (isDelta) this.#histograms.set(series, now);
    return before === undefined ? toDataPoint(now) : histogramSince(now, before);
  }

  #countPoint(series: MetricSeries<number>, isDelta: boolean): number {
    const before = this.#counts.get(series);
    if (before === undefined) {
      this.#counts.set(series, 0);
      if (series.value > 0) this.#isBehind = true;
      return 0;
    }
    this.#counts.set(series, series.value);
    return isDelta ? series.value - before : series.value;
  }
}

function pointsOf<Value, Point>(
  all: Iterable<MetricSeries<Value>>,
  times: Times,
  toPoint: (series: MetricSeries<Value>) => Point | undefined,
): DataPoint<Point>[] {
  const points: DataPoint<Point>[] = [];
  for (const series of all) {
    const value = toPoint(series);
    if (value !== undefined) points.push({ ...times, attributes: series.attributes, value });
  }
  return points;
}

function hrTimeOf(unixMs: number): HrTime {
  const seconds = Math.floor(unixMs / 1000);
  return [seconds, Math.round((unixMs - seconds * 1000) * 1e6)];
}
