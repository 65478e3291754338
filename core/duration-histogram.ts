import { BUCKETS_PER_OCTAVE, SCALE, bucketIndex, bucketMidpoint } from './duration-buckets.ts';
import { nearestRank } from './nearest-rank.ts';
import { checkOtlpHistogram, type OtlpHistogram } from './otlp-histogram.ts';

export { RELATIVE_ERROR_BOUND } from './duration-buckets.ts';

/** Shorter durations than this (1 µs) are counted in its bucket. Milliseconds. */
export const DURATION_MS_MIN = 0.001;
/** Longer durations than this (24 h) are counted in its bucket. Milliseconds. */
export const DURATION_MS_MAX = 86_400_000;

const INDEX_MIN = bucketIndex(DURATION_MS_MIN);
const INDEX_MAX = bucketIndex(DURATION_MS_MAX);
const UINT32_MAX = 0xffffffff;

/**
 * Counts durations in the buckets of OpenTelemetry's exponential histogram at scale 5. Count, minimum and maximum are
 * exact, the sum is as exact as floating-point addition; quantiles have a relative error of at most 1.1 %.
 * Histograms are merged by adding buckets, in any order. Memory: 128 bytes per doubling between the least and the
 * greatest duration seen, 5 kB at most (twice that after 2^32 durations in one bucket).
 */
export class DurationHistogram {
  #counts: Uint32Array | Float64Array = new Uint32Array(0);
  /** The index of the bucket that `#counts[0]` counts. */
  #offset = 0;
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;
  #zeroCount = 0;
  #refusedCount = 0;
  #clampedCount = 0;

  /** Durations that were recorded, zeros included. */
  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** The least duration; `undefined` while there is none. */
  get minMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#minMs;
  }

  /** The greatest duration; `undefined` while there is none. */
  get maxMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#maxMs;
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

  /** Records one duration in milliseconds. Returns false if it was refused (negative, NaN or infinite). */
  record(durationMs: number): boolean {
    const valueMs = durationMs + 0; // -0 becomes 0
    // Written so that NaN fails it.
    if (!(valueMs >= 0 && valueMs < Infinity)) {
      this.#refusedCount++;
      return false;
    }
    this.#count++;
    this.#sumMs += valueMs;
    if (valueMs < this.#minMs) this.#minMs = valueMs;
    if (valueMs > this.#maxMs) this.#maxMs = valueMs;
    if (valueMs === 0) {
      this.#zeroCount++;
      return true;
    }
    let index: number;
    if (valueMs >= DURATION_MS_MIN && valueMs <= DURATION_MS_MAX) {
      index = bucketIndex(valueMs);
    } else {
      this.#clampedCount++;
      index = valueMs < DURATION_MS_MIN ? INDEX_MIN : INDEX_MAX;
    }
    const position = index - this.#offset;
    if (position >= 0 && position < this.#counts.length && this.#counts[position] !== UINT32_MAX) {
      (this.#counts[position] as number)++;
    } else {
      this.#add(index, 1);
    }
    return true;
  }

  /** Adds everything that `other` counted to this histogram; `other` stays as it is. */
  merge(other: DurationHistogram): void {
    const { length } = other.#counts;
    for (let position = 0; position < length; position++) {
      const count = other.#counts[position] as number;
      if (count > 0) this.#add(other.#offset + position, count);
    }
    this.#minMs = Math.min(this.#minMs, other.#minMs);
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#zeroCount += other.#zeroCount;
    this.#refusedCount += other.#refusedCount;
    this.#clampedCount += other.#clampedCount;
  }

  /**
   * Estimates the `q`-quantile of the durations, in milliseconds: the nearest rank, that is element ⌈q · count⌉ of the
   * sorted durations. Relative error is at most 1.1 %; the first and the last element are exact. Durations that were
   * clamped are estimated by the limit. `undefined` while no duration was recorded.
   * @throws {SetupError} SLOWPATH_QUANTILE_RANGE if `q` is not in [0, 1].
   */
  quantile(q: number): number | undefined {
    const rank = nearestRank(q, this.#count);
    if (this.#count === 0) return undefined;
    if (rank === 1) return this.#minMs;
    if (rank >= this.#count) return this.#maxMs;
    let seen = this.#zeroCount;
    if (rank <= seen) return 0;
    for (let position = 0; position < this.#counts.length; position++) {
      seen += this.#counts[position] as number;
      if (rank <= seen) {
        return Math.min(Math.max(bucketMidpoint(this.#offset + position), this.#minMs), this.#maxMs);
      }
    }
    return this.#maxMs;
  }

  /** The histogram as plain data. Refused and clamped counts have no place in OTLP and are not in it. */
  toOtlp(): OtlpHistogram {
    let first = 0;
    let end = this.#counts.length;
    while (first < end && this.#counts[first] === 0) first++;
    while (end > first && this.#counts[end - 1] === 0) end--;
    return {
      scale: SCALE,
      count: this.#count,
      sum: this.#sumMs,
      ...(this.#count > 0 && { min: this.#minMs, max: this.#maxMs }),
      zeroCount: this.#zeroCount,
      positive: {
        offset: first === end ? 0 : this.#offset + first,
        bucketCounts: Array.from(this.#counts.subarray(first, end)),
      },
    };
  }

  /**
   * The histogram that `toOtlp` described. Buckets beyond 1 µs to 24 h are counted as clamped.
   * @throws {SetupError} SLOWPATH_HISTOGRAM_SCALE if the scale is not 5; SLOWPATH_HISTOGRAM_DATA if a count is not a whole
   * number from 0, the counts do not add up to `count`, or `sum`, `min` or `max` do not fit them.
   */
  static fromOtlp(data: OtlpHistogram): DurationHistogram {
    checkOtlpHistogram(data);
    const histogram = new DurationHistogram();
    data.positive.bucketCounts.forEach((count, position) => {
      if (count === 0) return;
      const given = data.positive.offset + position;
      const index = Math.min(Math.max(given, INDEX_MIN), INDEX_MAX);
      if (index !== given) histogram.#clampedCount += count;
      histogram.#add(index, count);
    });
    histogram.#count = data.count;
    histogram.#sumMs = data.sum;
    histogram.#minMs = data.min ?? Infinity;
    histogram.#maxMs = data.max ?? -Infinity;
    histogram.#zeroCount = data.zeroCount;
    return histogram;
  }

  /** The case that may allocate: the bucket is out of the range seen so far, or its count no longer fits. */
  #add(index: number, count: number): void {
    const end = this.#offset + this.#counts.length;
    if (this.#counts.length === 0 || index < this.#offset || index >= end) this.#growTo(index);
    const position = index - this.#offset;
    const total = (this.#counts[position] as number) + count;
    if (total > UINT32_MAX && this.#counts instanceof Uint32Array) this.#counts = Float64Array.from(this.#counts);
    this.#counts[position] = total;
  }

  /** Makes room for bucket `index` in whole octaves, so that a histogram grows a few times only. */
  #growTo(index: number): void {
    const octave = Math.floor(index / BUCKETS_PER_OCTAVE) * BUCKETS_PER_OCTAVE;
    const isEmpty = this.#counts.length === 0;
    const offset = isEmpty ? octave : Math.min(octave, this.#offset);
    const end = Math.max(octave + BUCKETS_PER_OCTAVE, isEmpty ? -Infinity : this.#offset + this.#counts.length);
    const wide = this.#counts instanceof Float64Array;
    const grown = wide ? new Float64Array(end - offset) : new Uint32Array(end - offset);
    grown.set(this.#counts, isEmpty ? 0 : this.#offset - offset);
    this.#counts = grown;
    this.#offset = offset;
  }
}
