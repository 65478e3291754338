import type { DurationHistogram } from '../core/duration-histogram.ts';
import { ATTR_METRIC_OVERFLOW } from '../core/semconv.ts';

export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

/** One line of a chart: a set of attributes and what was counted under it since the start. Its identity never changes. */
export interface MetricSeries<Value> {
  readonly attributes: MetricAttributes;
  value: Value;
}

interface Described {
  readonly name: string;
  readonly description: string;
  /** UCUM, as OpenTelemetry has it: `s`, `{query}`. */
  readonly unit: string;
}

/**
 * A metric with all its series. Values are cumulative: who sends differences computes them. A gauge is what it is, and an
 * up-down counter an amount that can be added to those of other series and processes.
 */
export type MetricFamily =
  | (Described & { readonly kind: 'histogram'; readonly series: Iterable<MetricSeries<DurationHistogram>> })
  | (Described & {
      readonly kind: 'counter' | 'gauge' | 'upDownCounter';
      readonly series: Iterable<MetricSeries<number>>;
    });

/** What has metrics to give when they are collected. A series object stays the same from one call to the next. */
export interface MetricSource {
  families(): readonly MetricFamily[];
}

/**
 * The series of one metric by a key of the caller's. At most `maxSeries`; whatever comes beyond is counted in one series with
 * the attribute `otel.metric.overflow`, as OpenTelemetry's SDKs do.
 */
export class SeriesTable<Value> {
  readonly #maxSeries: number;
  readonly #create: () => Value;
  readonly #series = new Map<string, MetricSeries<Value>>();
  #overflow: MetricSeries<Value> | undefined;
  #overflowCount = 0;

  constructor(maxSeries: number, create: () => Value) {
    this.#maxSeries = maxSeries;
    this.#create = create;
  }

  /** How often the overflow series was handed out. */
  get overflowCount(): number {
    return this.#overflowCount;
  }

  /** The key's series, or the overflow series where there is no room; `undefined` where `add` would make one. */
  find(key: string): MetricSeries<Value> | undefined {
    const known = this.#series.get(key);
    if (known !== undefined || this.#series.size < this.#maxSeries) return known;
    this.#overflowCount++;
    return (this.#overflow ??= { attributes: { [ATTR_METRIC_OVERFLOW]: true }, value: this.#create() });
  }

  /** Makes the series of a key that `find` did not know. */
  add(key: string, attributes: MetricAttributes): MetricSeries<Value> {
    const made = { attributes, value: this.#create() };
    this.#series.set(key, made);
    return made;
  }

  isOverflow(series: MetricSeries<Value>): boolean {
    return series === this.#overflow;
  }

  /** All series, the overflow last. */
  *[Symbol.iterator](): Iterator<MetricSeries<Value>> {
    yield* this.#series.values();
    if (this.#overflow !== undefined) yield this.#overflow;
  }
}
