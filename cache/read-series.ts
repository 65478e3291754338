import type { DurationHistogram } from '../core/duration-histogram.ts';
import { SeriesTable, type MetricAttributes, type MetricSeries } from '../monitor/metric-store-series.ts';
import { sumOfHistograms } from './sum-of-uses.ts';

/**
 * The series of a metric whose values are read anew at each collection. A series stays the same object from one to the next,
 * as who sends differences needs it. One that is no longer told of keeps its count, which must not fall, unless it is an amount.
 */
class ReadSeries<Value> {
  readonly table: SeriesTable<Value>;
  readonly #none: (() => Value) | undefined;
  readonly #sum: (a: Value, b: Value) => Value;
  #told = new Set<MetricSeries<Value>>();

  /** `none`: what a series is worth that is not told of; without it, what it was. */
  constructor(maxSeries: number, create: () => Value, sum: (a: Value, b: Value) => Value, none?: () => Value) {
    this.table = new SeriesTable(maxSeries, create);
    this.#none = none;
    this.#sum = sum;
  }

  /** Starts a collection. */
  begin(): void {
    if (this.#none !== undefined) for (const series of this.#told) series.value = this.#none();
    this.#told = new Set();
  }

  /** Tells a value; what is told twice, as in the overflow series, is added up. */
  tell(value: Value, attributes: MetricAttributes): void {
    const key = JSON.stringify(attributes);
    const series = this.table.find(key) ?? this.table.add(key, attributes);
    series.value = this.#told.has(series) ? this.#sum(series.value, value) : value;
    this.#told.add(series);
  }
}

export type CountSeries = ReadSeries<number>;
export type DurationSeries = ReadSeries<DurationHistogram>;

const zero = (): number => 0;
const sum = (a: number, b: number): number => a + b;

export function countSeries(maxSeries: number): CountSeries {
  return new ReadSeries(maxSeries, zero, sum);
}

/** Of amounts, which rise and fall. */
export function amountSeries(maxSeries: number): CountSeries {
  return new ReadSeries(maxSeries, zero, sum, zero);
}

/** Seconds. */
export function durationSeries(maxSeries: number): DurationSeries {
  return new ReadSeries(maxSeries, () => sumOfHistograms(), sumOfHistograms);
}
