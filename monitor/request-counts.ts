import { DurationHistogram } from '../core/duration-histogram.ts';
import type { RequestRecord } from '../core/types.ts';
import { CountHistogram } from './count-histogram.ts';
import type { RequestStatistics } from './statistics.ts';

/** Adds up requests: those of one endpoint, or of all. Its size depends on the range of the durations, not on traffic. */
export class RequestCounts {
  readonly #durations = new DurationHistogram();
  readonly #queries = new CountHistogram();
  #count = 0;
  #errorCount = 0;
  #abortedCount = 0;
  #queriesNotObservedCount = 0;
  /** Request and query time of the requests whose queries were observed: the two parts of `databaseShare`. */
  #observedMs = 0;
  #databaseMs = 0;
  #slowRequestCount = 0;
  #slowQueryCount = 0;

  add(record: RequestRecord, slowRequestMinMs: number): void {
    if (record.aborted) {
      this.#abortedCount++;
      return;
    }
    const { durationMs } = record;
    this.#count++;
    if (record.failed) this.#errorCount++;
    if (durationMs >= slowRequestMinMs) this.#slowRequestCount++;
    const isDuration = this.#durations.record(durationMs);
    if (!record.queriesObserved) {
      this.#queriesNotObservedCount++;
      return;
    }
    this.#queries.record(record.queryCount);
    if (isDuration) {
      this.#observedMs += durationMs;
      this.#databaseMs += Math.min(record.queryTotalMs, durationMs);
    }
    for (const group of record.groups) this.#slowQueryCount += group.slowCount;
  }

  /** Adds everything that `other` counted; `other` stays as it is. */
  merge(other: RequestCounts): void {
    this.#durations.merge(other.#durations);
    this.#queries.merge(other.#queries);
    this.#count += other.#count;
    this.#errorCount += other.#errorCount;
    this.#abortedCount += other.#abortedCount;
    this.#queriesNotObservedCount += other.#queriesNotObservedCount;
    this.#observedMs += other.#observedMs;
    this.#databaseMs += other.#databaseMs;
    this.#slowRequestCount += other.#slowRequestCount;
    this.#slowQueryCount += other.#slowQueryCount;
  }

  toStatistics(): RequestStatistics {
    const durations = this.#durations;
    const queries = this.#queries;
    return {
      count: this.#count,
      errorCount: this.#errorCount,
      abortedCount: this.#abortedCount,
      durationMsAvg: ratio(durations.sumMs, durations.count),
      durationMsMin: durations.minMs,
      durationMsMax: durations.maxMs,
      durationMsP50: durations.quantile(0.5),
      durationMsP95: durations.quantile(0.95),
      durationMsP99: durations.quantile(0.99),
      totalMs: durations.sumMs,
      durationsRefusedCount: durations.refusedCount,
      queriesPerRequestAvg: ratio(queries.sum, queries.size),
      queriesPerRequestMin: queries.min,
      queriesPerRequestMax: queries.max,
      queriesPerRequestP50: queries.quantile(0.5),
      queriesPerRequestP95: queries.quantile(0.95),
      queriesPerRequestP99: queries.quantile(0.99),
      queryCount: queries.sum,
      queriesNotObservedCount: this.#queriesNotObservedCount,
      databaseShare: ratio(this.#databaseMs, this.#observedMs),
      slowRequestCount: this.#slowRequestCount,
      slowQueryCount: this.#slowQueryCount,
    };
  }
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
