import { DurationHistogram } from '../core/duration-histogram.ts';
import { nearestRank } from '../core/nearest-rank.ts';
import type { PackedReader, PackedWriter } from '../core/packed-numbers.ts';

/** Counts up to this one have a bucket of their own. */
export const EXACT_COUNT_MAX = 1000;

/**
 * Distribution of small whole numbers, such as the queries of a request. Percentiles are exact up to 1000 and have a
 * relative error of at most 1.1 % above; number, sum, minimum and maximum are exact. 8 kB at most, and 5 kB once
 * anything was over 1000.
 */
export class CountHistogram {
  #buckets = new Float64Array(16);
  #large: DurationHistogram | undefined;
  #size = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  /** How many values were recorded. */
  get size(): number {
    return this.#size;
  }

  get sum(): number {
    return this.#sum;
  }

  /** `undefined` while nothing was recorded. */
  get min(): number | undefined {
    return this.#size === 0 ? undefined : this.#min;
  }

  /** `undefined` while nothing was recorded. */
  get max(): number | undefined {
    return this.#size === 0 ? undefined : this.#max;
  }

  /** Records one whole number from 0; what is none counts as the whole number below it, or as 0. */
  record(given: number): void {
    const value = given > 0 ? Math.min(Math.floor(given), Number.MAX_SAFE_INTEGER) : 0;
    this.#size++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value > EXACT_COUNT_MAX) {
      // The buckets of durations serve any positive number.
      this.#large ??= new DurationHistogram();
      this.#large.record(value);
      return;
    }
    if (value >= this.#buckets.length) this.#growTo(value);
    (this.#buckets[value] as number)++;
  }

  /** Adds everything that `other` counted to this histogram; `other` stays as it is. */
  merge(other: CountHistogram): void {
    const { length } = other.#buckets;
    if (length > this.#buckets.length) this.#growTo(length - 1);
    for (let value = 0; value < length; value++) {
      (this.#buckets[value] as number) += other.#buckets[value] as number;
    }
    if (other.#large !== undefined) {
      this.#large ??= new DurationHistogram();
      this.#large.merge(other.#large);
    }
    this.#size += other.#size;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Forgets everything, and keeps its memory. */
  clear(): void {
    this.#buckets.fill(0);
    this.#large?.clear();
    this.#size = this.#sum = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  pack(writer: PackedWriter): void {
    writer.count(this.#size);
    if (this.#size === 0) return;
    writer.count(this.#sum);
    writer.count(this.#min);
    writer.count(this.#max);
    const largeCount = this.#large?.count ?? 0;
    let next = 0;
    for (let value = 0, left = this.#size - largeCount; left > 0; value++) {
      const count = this.#buckets[value] as number;
      if (count === 0) continue;
      writer.count(value - next);
      writer.count(count);
      next = value + 1;
      left -= count;
    }
    // No value is that far from the last one: what follows are the large ones.
    if (this.#large === undefined || largeCount === 0) return;
    writer.count(EXACT_COUNT_MAX + 1);
    this.#large.pack(writer);
  }

  /** Adds what another one packed. */
  addPacked(reader: PackedReader): void {
    const size = reader.count();
    if (size === 0) return;
    this.#size += size;
    this.#sum += reader.count();
    this.#min = Math.min(this.#min, reader.count());
    this.#max = Math.max(this.#max, reader.count());
    let next = 0;
    for (let left = size; left > 0;) {
      const gap = reader.count();
      if (gap > EXACT_COUNT_MAX) {
        this.#large ??= new DurationHistogram();
        this.#large.addPacked(reader);
        return;
      }
      const value = next + gap;
      const count = reader.count();
      if (value >= this.#buckets.length) this.#growTo(value);
      (this.#buckets[value] as number) += count;
      next = value + 1;
      left -= count;
    }
  }

  /** The `q`-quantile by the nearest rank, a whole number; `undefined` while nothing was recorded. */
  quantile(q: number): number | undefined {
    if (this.#size === 0) return undefined;
    const rank = nearestRank(q, this.#size);
    let seen = 0;
    for (let value = 0; value < this.#buckets.length; value++) {
      seen += this.#buckets[value] as number;
      if (rank <= seen) return value;
    }
    const largeCount = this.#large?.count ?? 0;
    return Math.round(this.#large?.quantile((rank - seen) / largeCount) ?? this.#max);
  }

  #growTo(value: number): void {
    const grown = new Float64Array(Math.min(EXACT_COUNT_MAX + 1, 2 ** Math.ceil(Math.log2(value + 1))));
    grown.set(this.#buckets);
    this.#buckets = grown;
  }
}
