import { DurationHistogram } from '../core/duration-histogram.ts';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  METRIC_DB_CLIENT_OPERATION_DURATION,
} from '../core/semconv.ts';
import type { QueryFingerprint } from '../core/types.ts';
import { SeriesTable, type MetricAttributes, type MetricFamily, type MetricSeries } from './metric-store-series.ts';

/** Fingerprints whose series is remembered. More of them than that cost the building of a key again, and no count. */
export const MAX_REMEMBERED_FINGERPRINTS = 5000;

/**
 * `db.client.operation.duration`: seconds, by database and query summary. Several fingerprints may have one summary and then
 * share a series; which one is looked up by fingerprint, so that a query costs a Map look-up and an increment.
 */
export class QueryDurations {
  readonly #table: SeriesTable<DurationHistogram>;
  /** Queries that succeeded: system -> namespace -> fingerprint -> series. A fingerprint is that of the text alone. */
  readonly #remembered = new Map<string, Map<string, Map<QueryFingerprint, MetricSeries<DurationHistogram>>>>();
  #rememberedCount = 0;

  constructor(maxSeries: number) {
    this.#table = new SeriesTable(maxSeries, () => new DurationHistogram('s'));
  }

  get overflowCount(): number {
    return this.#table.overflowCount;
  }

  add(
    system: string,
    namespace: string,
    fingerprint: QueryFingerprint,
    summary: string,
    durationMs: number,
    errorType: string | undefined,
  ): void {
    const known = errorType === undefined ? this.#remembered.get(system)?.get(namespace)?.get(fingerprint) : undefined;
    const series = known ?? this.#find(system, namespace, fingerprint, summary, errorType);
    series.value.record(durationMs / 1000);
  }

  family(): MetricFamily {
    return {
      kind: 'histogram',
      name: METRIC_DB_CLIENT_OPERATION_DURATION,
      description: 'Duration of database client operations.',
      unit: 's',
      series: this.#table,
    };
  }

  #find(
    system: string,
    namespace: string,
    fingerprint: QueryFingerprint,
    summary: string,
    errorType: string | undefined,
  ): MetricSeries<DurationHistogram> {
    const key = `${system}\n${namespace}\n${errorType ?? ''}\n${summary}`;
    const series = this.#table.find(key) ?? this.#table.add(key, describe(system, namespace, summary, errorType));
    // The overflow's queries are counted where they are looked up.
    if (errorType === undefined && !this.#table.isOverflow(series))
      this.#remember(system, namespace, fingerprint, series);
    return series;
  }

  #remember(
    system: string,
    namespace: string,
    fingerprint: QueryFingerprint,
    series: MetricSeries<DurationHistogram>,
  ): void {
    if (this.#rememberedCount >= MAX_REMEMBERED_FINGERPRINTS) {
      this.#remembered.clear();
      this.#rememberedCount = 0;
    }
    let byNamespace = this.#remembered.get(system);
    if (byNamespace === undefined) this.#remembered.set(system, (byNamespace = new Map()));
    let byFingerprint = byNamespace.get(namespace);
    if (byFingerprint === undefined) byNamespace.set(namespace, (byFingerprint = new Map()));
    byFingerprint.set(fingerprint, series);
    this.#rememberedCount++;
  }
}

function describe(system: string, namespace: string, summary: string, errorType: string | undefined): MetricAttributes {
  return {
    [ATTR_DB_SYSTEM_NAME]: system,
    [ATTR_DB_QUERY_SUMMARY]: summary,
    ...(namespace !== '' && { [ATTR_DB_NAMESPACE]: namespace }),
    ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
  };
}
