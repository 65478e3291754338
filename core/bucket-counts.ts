import { BUCKETS_PER_OCTAVE } from './duration-buckets.ts';

const UINT32_MAX = 0xffffffff;
const NOTHING = Number.MAX_SAFE_INTEGER;

/**
 * Counts by bucket index, in one typed array that covers the range of indexes seen, in whole octaves: 4 bytes per bucket,
 * 8 once a count is over 2^32.
 */
export class BucketCounts {
  #counts: Uint32Array | Float64Array = new Uint32Array(0);
  /** The index of the bucket that `#counts[0]` counts. */
  #offset = 0;
  #first = NOTHING;

  /** The index of the first bucket that is not empty; `end` while all are. */
  get first(): number {
    return Math.min(this.#first, this.end);
  }

  /** One more than the greatest index that it has room for. */
  get end(): number {
    return this.#offset + this.#counts.length;
  }

  /** The count of a bucket from `first` on, before `end`. */
  at(index: number): number {
    return this.#counts[index - this.#offset] as number;
  }

  add(index: number, count: number): void {
    if (index < this.#first) this.#first = index;
    const position = index - this.#offset;
    if (position >= 0 && position < this.#counts.length) {
      const total = (this.#counts[position] as number) + count;
      if (total <= UINT32_MAX) {
        this.#counts[position] = total;
        return;
      }
    }
    this.#makeRoomAndAdd(index, count);
  }

  /** Adds all counts of `other`, which may be this one itself. */
  merge(other: BucketCounts): void {
    const { end } = other;
    for (let index = other.first; index < end; index++) {
      const count = other.at(index);
      if (count > 0) this.add(index, count);
    }
  }

  /** Sets all counts to 0, and keeps the memory. */
  clear(): void {
    this.#counts.fill(0);
    this.#first = NOTHING;
  }

  /** The counts from the first that is not 0 to the last. */
  toDense(): { readonly offset: number; readonly bucketCounts: readonly number[] } {
    const first = this.first - this.#offset;
    let end = this.#counts.length;
    while (end > first && this.#counts[end - 1] === 0) end--;
    return {
      offset: first === end ? 0 : this.#offset + first,
      bucketCounts: Array.from(this.#counts.subarray(first, end)),
    };
  }

  /** The case that may allocate: the bucket is out of the range seen so far, or its count no longer fits. */
  #makeRoomAndAdd(index: number, count: number): void {
    if (this.#counts.length === 0 || index < this.#offset || index >= this.end) this.#growTo(index);
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
    const end = Math.max(octave + BUCKETS_PER_OCTAVE, isEmpty ? -Infinity : this.end);
    const grown = this.#counts instanceof Float64Array ? new Float64Array(end - offset) : new Uint32Array(end - offset);
    grown.set(this.#counts, isEmpty ? 0 : this.#offset - offset);
    this.#counts = grown;
    this.#offset = offset;
  }
}
