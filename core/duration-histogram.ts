import { BucketCounts } from './bucket-counts.ts';
import { SCALE, bucketIndex, bucketMidpoint } from './duration-buckets.ts';
import { nearestRank } from './nearest-rank.ts';
import { checkOtlpHistogram, type OtlpHistogram } from './otlp-histogram.ts';
import type { PackedReader, PackedWriter } from './packed-numbers.ts';
import { SetupError } from './setup-error.ts';

export { RELATIVE_ERROR_BOUND } from './duration-buckets.ts';

/** Shorter durations than this (1 µs) are counted in its bucket. Milliseconds. */
export const DURATION_MS_MIN = 0.001;
/** Longer durations than this (24 h) are counted in its bucket. Milliseconds. */
export const DURATION_MS_MAX = 86_400_000;

/** What a histogram's values are: milliseconds, or the seconds of OpenTelemetry's metrics. */
export type DurationUnit = 'ms' | 's';

/** The same limits in each unit. No boundary of a bucket is the same in both: a unit cannot be changed afterwards. */
const RANGES: Readonly<Record<DurationUnit, Range>> = {
  ms: rangeOf('ms', DURATION_MS_MIN, DURATION_MS_MAX),
  s: rangeOf('s', DURATION_MS_MIN / 1000, DURATION_MS_MAX / 1000),
};

/**
 * Counts durations in the buckets of OpenTelemetry's exponential histogram at scale 5. Count, minimum and maximum are
 * exact; the sum carries its rounding errors along, so that it does not depend on the order; quantiles have a relative
 * error of at most 1.1 %. Histograms are merged by adding buckets, in any order. Memory: 128 bytes per doubling between
 * the least and the greatest duration seen, 5 kB at most (twice that after 2^32 durations in one bucket).
 *
 * Its values are milliseconds, unless it was made for seconds: then `record`, `sum`, `min`, `max`, `quantile` and OTLP are
 * in seconds.
 */
export class DurationHistogram {
  readonly #range: Range;
  readonly #buckets = new BucketCounts();
  #count = 0;
  #sum = 0;
  /** What rounding took from `#sum`. */
  #sumRest = 0;
  #min = Infinity;
  #max = -Infinity;
  #zeroCount = 0;
  #refusedCount = 0;
  #clampedCount = 0;

  constructor(unit: DurationUnit = 'ms') {
    this.#range = RANGES[unit];
  }

  get unit(): DurationUnit {
    return this.#range.unit;
  }

  /** Durations that were recorded, zeros included. */
  get count(): number {
    return this.#count;
  }

  /** In the histogram's unit; so are `min` and `max`. */
  get sum(): number {
    return this.#sum === Infinity ? Infinity : this.#sum + this.#sumRest;
  }

  /** The least duration; `undefined` while there is none. */
  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#min;
  }

  /** The greatest duration; `undefined` while there is none. */
  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max;
  }

  /** Durations of exactly 0. */
  get zeroCount(): number {
    return this.#zeroCount;
  }

  /** Values that are no durations (negative, NaN, infinite): they are in no other count. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Durations under 1 µs or over 24 h: recorded, but their bucket, and so their quantile, is that of the limit. */
  get clampedCount(): number {
    return this.#clampedCount;
  }

  /** Records one duration, in the histogram's unit. Returns false if it was refused (negative, NaN or infinite). */
  record(duration: number): boolean {
    return this.recordTimes(duration, 1);
  }

  /** Records the same duration `times` times, a whole number from 1. */
  recordTimes(duration: number, times: number): boolean {
    const value = duration + 0; // -0 becomes 0
    // Written so that NaN fails it.
    if (!(value >= 0 && value < Infinity)) {
      this.#refusedCount += times;
      return false;
    }
    this.#count += times;
    this.#addToSum(times === 1 ? value : value * times);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value === 0) {
      this.#zeroCount += times;
      return true;
    }
    const range = this.#range;
    let index: number;
    if (value >= range.min && value <= range.max) {
      index = bucketIndex(value);
    } else {
      this.#clampedCount += times;
      index = value < range.min ? range.indexMin : range.indexMax;
    }
    this.#buckets.add(index, times);
    return true;
  }

  /**
   * Adds everything that `other` counted to this histogram; `other` stays as it is.
   * @throws {SetupError} SLOWPATH_HISTOGRAM_UNIT if the two have different units.
   */
  merge(other: DurationHistogram): void {
    this.#checkUnit(other.unit);
    this.#buckets.merge(other.#buckets);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#count += other.#count;
    const rest = other.#sumRest;
    this.#addToSum(other.#sum);
    this.#sumRest += rest;
    this.#zeroCount += other.#zeroCount;
    this.#refusedCount += other.#refusedCount;
    this.#clampedCount += other.#clampedCount;
  }

  /** Forgets everything, and keeps its memory for what comes. */
  clear(): void {
    this.#buckets.clear();
    this.#count = this.#sum = this.#sumRest = this.#zeroCount = this.#refusedCount = this.#clampedCount = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  /**
   * Estimates the `q`-quantile of the durations, in the histogram's unit: the nearest rank, that is element ⌈q · count⌉ of the
   * sorted durations. Relative error is at most 1.1 %; the first and the last element are exact. Durations that were
   * clamped are estimated by the limit. `undefined` while no duration was recorded.
   * @throws {SetupError} SLOWPATH_QUANTILE_RANGE if `q` is not in [0, 1].
   */
  quantile(q: number): number | undefined {
    const rank = nearestRank(q, this.#count);
    if (this.#count === 0) return undefined;
    if (rank === 1) return this.#min;
    if (rank >= this.#count) return this.#max;
    let seen = this.#zeroCount;
    if (rank <= seen) return 0;
    const { end } = this.#buckets;
    for (let index = this.#buckets.first; index < end; index++) {
      seen += this.#buckets.at(index);
      if (rank <= seen) return Math.min(Math.max(bucketMidpoint(index), this.#min), this.#max);
    }
    return this.#max;
  }

  /** The histogram as plain data, in its unit. Refused and clamped counts have no place in OTLP and are not in it. */
  toOtlp(): OtlpHistogram {
    return {
      scale: SCALE,
      count: this.#count,
      sum: this.sum,
      ...(this.#count > 0 && { min: this.#min, max: this.#max }),
      zeroCount: this.#zeroCount,
      positive: this.#buckets.toDense(),
    };
  }

  /**
   * The histogram that `toOtlp` described; the data do not tell their unit. Buckets beyond 1 µs to 24 h are counted as clamped.
   * @throws {SetupError} SLOWPATH_HISTOGRAM_SCALE if the scale is not 5; SLOWPATH_HISTOGRAM_DATA if a count is not a whole
   * number from 0, the counts do not add up to `count`, or `sum`, `min` or `max` do not fit them.
   */
  static fromOtlp(data: OtlpHistogram, unit: DurationUnit = 'ms'): DurationHistogram {
    checkOtlpHistogram(data);
    const histogram = new DurationHistogram(unit);
    const { indexMin, indexMax } = histogram.#range;
    data.positive.bucketCounts.forEach((count, position) => {
      if (count === 0) return;
      const given = data.positive.offset + position;
      const index = Math.min(Math.max(given, indexMin), indexMax);
      if (index !== given) histogram.#clampedCount += count;
      histogram.#buckets.add(index, count);
    });
    histogram.#count = data.count;
    histogram.#sum = data.sum;
    histogram.#min = data.min ?? Infinity;
    histogram.#max = data.max ?? -Infinity;
    histogram.#zeroCount = data.zeroCount;
    return histogram;
  }

  /** Writes what it counted in few bytes: about two for each bucket that is not empty. */
  pack(writer: PackedWriter): void {
    writer.count(this.#refusedCount);
    writer.count(this.#count);
    if (this.#count === 0) return;
    writer.count(this.#zeroCount);
    writer.count(this.#clampedCount);
    writer.double(this.#sum);
    writer.double(this.#sumRest);
    writer.double(this.#min);
    writer.double(this.#max);
    let next = this.#range.indexMin;
    for (let index = this.#buckets.first, left = this.#count - this.#zeroCount; left > 0; index++) {
      const count = this.#buckets.at(index);
      if (count === 0) continue;
      writer.count(index - next);
      writer.count(count);
      next = index + 1;
      left -= count;
    }
  }

  /** Adds what a histogram of the same unit packed. */
  addPacked(reader: PackedReader): void {
    this.#refusedCount += reader.count();
    const count = reader.count();
    if (count === 0) return;
    this.#count += count;
    const zeroCount = reader.count();
    this.#zeroCount += zeroCount;
    this.#clampedCount += reader.count();
    this.#addToSum(reader.double());
    this.#sumRest += reader.double();
    this.#min = Math.min(this.#min, reader.double());
    this.#max = Math.max(this.#max, reader.double());
    let next = this.#range.indexMin;
    for (let left = count - zeroCount; left > 0;) {
      const index = next + reader.count();
      const bucketCount = reader.count();
      this.#buckets.add(index, bucketCount);
      next = index + 1;
      left -= bucketCount;
    }
  }

  /** Adds and keeps what rounding takes (Knuth's two-sum): the sum of many is as exact as that of two. */
  #addToSum(value: number): void {
    const before = this.#sum;
    const sum = before + value;
    const added = sum - before;
    this.#sum = sum;
    this.#sumRest += before - (sum - added) + (value - added);
  }

  #checkUnit(unit: DurationUnit): void {
    if (unit === this.unit) return;
    throw new SetupError(
      'SLOWPATH_HISTOGRAM_UNIT',
      `A histogram in ${unit} cannot be merged into one in ${this.unit}: their buckets differ. Record both in the same unit.`,
    );
  }
}

interface Range {
  readonly unit: DurationUnit;
  readonly min: number;
  readonly max: number;
  readonly indexMin: number;
  readonly indexMax: number;
}

function rangeOf(unit: DurationUnit, min: number, max: number): Range {
  return { unit, min, max, indexMin: bucketIndex(min), indexMax: bucketIndex(max) };
}
