import { DurationHistogram } from '../core/duration-histogram.ts';
import type { PackedReader, PackedWriter } from '../core/packed-numbers.ts';
import { CacheTotals } from './cache-totals.ts';
import { CountHistogram } from './count-histogram.ts';
import type { MonitoredRequest } from './monitored-request.ts';
import type { Counts } from './sliced-counts.ts';
import type { RequestStatistics } from './statistics.ts';

/** Adds up requests: those of one endpoint, or of all. Its size depends on the range of the durations, not on traffic. */
export class RequestCounts implements Counts<RequestCounts> {
  readonly #durations = new DurationHistogram();
  readonly #queries = new CountHistogram();
  #count = 0;
  #errorCount = 0;
  #abortedCount = 0;
  #streamCount = 0;
  #upgradeCount = 0;
  #queriesNotObservedCount = 0;
  /** Request and query time of the requests whose queries were observed: the two parts of `databaseShare`. */
  #observedMs = 0;
  #databaseMs = 0;
  #slowRequestCount = 0;
  #slowQueryCount = 0;
  readonly #cache = new CacheTotals();

  get isEmpty(): boolean {
    return this.everyRequestCount === 0;
  }

  /** Requests of any kind, those that stand apart included. */
  get everyRequestCount(): number {
    return this.#count + this.#abortedCount + this.#streamCount + this.#upgradeCount;
  }

  add(request: MonitoredRequest, slowRequestMinMs: number): void {
    // A stream ends when its client goes away: that is no abort.
    if (request.connection === 'stream') this.#streamCount++;
    else if (request.connection === 'upgrade') this.#upgradeCount++;
    else if (request.aborted) this.#abortedCount++;
    else this.#addAnswered(request, slowRequestMinMs);
  }

  #addAnswered(request: MonitoredRequest, slowRequestMinMs: number): void {
    const { durationMs, cache } = request;
    this.#count++;
    if (request.failed) this.#errorCount++;
    if (durationMs >= slowRequestMinMs) this.#slowRequestCount++;
    if (cache !== undefined && cache.lookups > 0) this.#cache.add(cache);
    const isDuration = this.#durations.record(durationMs);
    if (!request.queriesObserved) {
      this.#queriesNotObservedCount++;
      return;
    }
    this.#queries.record(request.queryCount);
    if (isDuration) {
      this.#observedMs += durationMs;
      this.#databaseMs += Math.min(request.queryTotalMs, durationMs);
    }
    for (const group of request.groups) this.#slowQueryCount += group.slowCount;
  }

  /** Adds everything that `other` counted; `other` stays as it is. */
  merge(other: RequestCounts): void {
    this.#durations.merge(other.#durations);
    this.#queries.merge(other.#queries);
    this.#count += other.#count;
    this.#errorCount += other.#errorCount;
    this.#abortedCount += other.#abortedCount;
    this.#streamCount += other.#streamCount;
    this.#upgradeCount += other.#upgradeCount;
    this.#queriesNotObservedCount += other.#queriesNotObservedCount;
    this.#observedMs += other.#observedMs;
    this.#databaseMs += other.#databaseMs;
    this.#slowRequestCount += other.#slowRequestCount;
    this.#slowQueryCount += other.#slowQueryCount;
    this.#cache.merge(other.#cache);
  }

  clear(): void {
    this.#durations.clear();
    this.#queries.clear();
    this.#count = this.#errorCount = this.#abortedCount = this.#streamCount = this.#upgradeCount = 0;
    this.#queriesNotObservedCount = this.#observedMs = this.#databaseMs = 0;
    this.#slowRequestCount = this.#slowQueryCount = 0;
    this.#cache.clear();
  }

  pack(writer: PackedWriter): void {
    writer.count(this.#count);
    writer.count(this.#errorCount);
    writer.count(this.#abortedCount);
    writer.count(this.#streamCount);
    writer.count(this.#upgradeCount);
    writer.count(this.#queriesNotObservedCount);
    writer.double(this.#observedMs);
    writer.double(this.#databaseMs);
    writer.count(this.#slowRequestCount);
    writer.count(this.#slowQueryCount);
    this.#cache.pack(writer);
    this.#durations.pack(writer);
    this.#queries.pack(writer);
  }

  addPacked(reader: PackedReader): void {
    this.#count += reader.count();
    this.#errorCount += reader.count();
    this.#abortedCount += reader.count();
    this.#streamCount += reader.count();
    this.#upgradeCount += reader.count();
    this.#queriesNotObservedCount += reader.count();
    this.#observedMs += reader.double();
    this.#databaseMs += reader.double();
    this.#slowRequestCount += reader.count();
    this.#slowQueryCount += reader.count();
    this.#cache.addPacked(reader);
    this.#durations.addPacked(reader);
    this.#queries.addPacked(reader);
  }

  /** As statistics over a window of `lengthMs` milliseconds. */
  toStatistics(lengthMs: number): RequestStatistics {
    const durations = this.#durations;
    const queries = this.#queries;
    return {
      count: this.#count,
      requestsPerSecond: ratio(this.#count, lengthMs / 1000),
      errorCount: this.#errorCount,
      abortedCount: this.#abortedCount,
      streamCount: this.#streamCount,
      upgradeCount: this.#upgradeCount,
      durationMsAvg: ratio(durations.sum, durations.count),
      durationMsMin: durations.min,
      durationMsMax: durations.max,
      durationMsP50: durations.quantile(0.5),
      durationMsP95: durations.quantile(0.95),
      durationMsP99: durations.quantile(0.99),
      totalMs: durations.sum,
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
      ...this.#cache.toStatistics(),
      slowRequestCount: this.#slowRequestCount,
      slowQueryCount: this.#slowQueryCount,
    };
  }
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
