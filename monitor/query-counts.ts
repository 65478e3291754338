import { DurationHistogram } from '../core/duration-histogram.ts';
import type { PackedReader, PackedWriter } from '../core/packed-numbers.ts';
import type { MonitoredQueries } from './monitored-request.ts';
import type { Counts } from './sliced-counts.ts';
import type { QueryNumbers } from './statistics.ts';

/** Adds up queries: those of one shape, or of all shapes that found no place. */
export class QueryCounts implements Counts<QueryCounts> {
  readonly #durations = new DurationHistogram();
  #count = 0;
  #errorCount = 0;
  #slowQueryCount = 0;
  #durationsAveragedCount = 0;
  #rowCount = 0;
  #rowsKnownCount = 0;
  #rowCountMax = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds the queries of one request. */
  add(queries: MonitoredQueries): void {
    this.#count += queries.count;
    this.#errorCount += queries.errorCount;
    this.#slowQueryCount += queries.slowCount;
    this.#rowCount += queries.rowCount;
    this.#rowsKnownCount += queries.rowCountKnown;
    if (queries.rowCountMax > this.#rowCountMax) this.#rowCountMax = queries.rowCountMax;
    this.#addDurations(queries);
  }

  #addDurations(queries: MonitoredQueries): void {
    const { durationsMs } = queries;
    for (const durationMs of durationsMs) this.#durations.record(durationMs);
    if (durationsMs.length < queries.count) this.#addRest(queries);
  }

  /** Of the durations beyond those that are known, the least, the greatest and the sum are; what is between is their mean. */
  #addRest({ count, totalMs, durationsMs, durationMsMin, durationMsMax }: MonitoredQueries): void {
    let left = count - durationsMs.length;
    let leftMs = durationsMs.reduce((restMs, durationMs) => restMs - durationMs, totalMs);
    if (!durationsMs.includes(durationMsMin)) {
      this.#durations.record(durationMsMin);
      leftMs -= durationMsMin;
      left--;
    }
    if (left > 0 && !durationsMs.includes(durationMsMax)) {
      this.#durations.record(durationMsMax);
      leftMs -= durationMsMax;
      left--;
    }
    if (left === 0) return;
    // Rounding of the sum must not put the mean outside of what it is the mean of.
    this.#durations.recordTimes(Math.min(Math.max(leftMs / left, durationMsMin), durationMsMax), left);
    if (left > 1 && durationMsMin < durationMsMax) this.#durationsAveragedCount += left;
  }

  merge(other: QueryCounts): void {
    this.#durations.merge(other.#durations);
    this.#count += other.#count;
    this.#errorCount += other.#errorCount;
    this.#slowQueryCount += other.#slowQueryCount;
    this.#durationsAveragedCount += other.#durationsAveragedCount;
    this.#rowCount += other.#rowCount;
    this.#rowsKnownCount += other.#rowsKnownCount;
    this.#rowCountMax = Math.max(this.#rowCountMax, other.#rowCountMax);
  }

  clear(): void {
    this.#durations.clear();
    this.#count = this.#errorCount = this.#slowQueryCount = this.#durationsAveragedCount = 0;
    this.#rowCount = this.#rowsKnownCount = this.#rowCountMax = 0;
  }

  pack(writer: PackedWriter): void {
    writer.count(this.#count);
    writer.count(this.#errorCount);
    writer.count(this.#slowQueryCount);
    writer.count(this.#durationsAveragedCount);
    writer.count(this.#rowCount);
    writer.count(this.#rowsKnownCount);
    writer.count(this.#rowCountMax);
    this.#durations.pack(writer);
  }

  addPacked(reader: PackedReader): void {
    this.#count += reader.count();
    this.#errorCount += reader.count();
    this.#slowQueryCount += reader.count();
    this.#durationsAveragedCount += reader.count();
    this.#rowCount += reader.count();
    this.#rowsKnownCount += reader.count();
    this.#rowCountMax = Math.max(this.#rowCountMax, reader.count());
    this.#durations.addPacked(reader);
  }

  toNumbers(): QueryNumbers {
    const durations = this.#durations;
    const isRowCountKnown = this.#rowsKnownCount > 0;
    return {
      count: this.#count,
      errorCount: this.#errorCount,
      durationMsAvg: durations.count > 0 ? durations.sum / durations.count : undefined,
      durationMsMin: durations.min,
      durationMsMax: durations.max,
      durationMsP50: durations.quantile(0.5),
      durationMsP95: durations.quantile(0.95),
      durationMsP99: durations.quantile(0.99),
      totalMs: durations.sum,
      durationsRefusedCount: durations.refusedCount,
      durationsAveragedCount: this.#durationsAveragedCount,
      slowQueryCount: this.#slowQueryCount,
      rowCount: this.#rowCount,
      rowsKnownCount: this.#rowsKnownCount,
      rowsPerQueryAvg: isRowCountKnown ? this.#rowCount / this.#rowsKnownCount : undefined,
      rowsPerQueryMax: isRowCountKnown ? this.#rowCountMax : undefined,
    };
  }
}
