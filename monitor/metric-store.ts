import { DurationHistogram } from '../core/duration-histogram.ts';
import type { Finding } from '../core/finding.ts';
import {
  ATTR_ERROR_TYPE,
  ATTR_FINDING_FINGERPRINT,
  ATTR_FINDING_KIND,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SLOWPATH_ENDPOINT,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_SLOWPATH_FINDING_FIRST_SEEN,
  METRIC_SLOWPATH_FINDINGS,
  METRIC_SLOWPATH_REQUEST_QUERIES,
} from '../core/semconv.ts';
import type { AnalyzedRequest, QueryFingerprint } from '../core/types.ts';
import { QueryDurations } from './metric-store-queries.ts';
import { SeriesTable, type MetricAttributes, type MetricFamily, type MetricSource } from './metric-store-series.ts';

/** Series of one metric; the overflow's comes on top. */
export const MAX_SERIES = 1000;

/** What a request's record does not tell and OpenTelemetry's conventions ask for. */
export interface HttpRequestFacts {
  /** One of the known methods, or `_OTHER`. */
  readonly method: string;
  /** The framework's; `undefined` where it told none, whatever the record's endpoint is called. */
  readonly route: string | undefined;
  readonly scheme: string;
  /** `1.1`; `undefined` where it is not known. */
  readonly protocolVersion: string | undefined;
  /** Set for a failed request alone: the status, or an error's class. */
  readonly errorType: string | undefined;
}

export interface MetricStoreOptions {
  /** Milliseconds since 1970. */
  readonly unixNowMs: () => number;
  /** A whole number from 1; 1000 if not given. */
  readonly maxSeries?: number;
}

/**
 * Counts finished requests, queries and findings for metrics, in bounded memory. Nothing is computed until somebody collects:
 * a query costs an increment.
 */
export class MetricStore implements MetricSource {
  readonly #unixNowMs: () => number;
  readonly #requestDurations: SeriesTable<DurationHistogram>;
  readonly #requestQueries: SeriesTable<DurationHistogram>;
  readonly #queries: QueryDurations;
  readonly #findings: SeriesTable<number>;
  readonly #firstSeen: SeriesTable<number>;
  #measuredCount = 0;

  constructor({ unixNowMs, maxSeries = MAX_SERIES }: MetricStoreOptions) {
    this.#unixNowMs = unixNowMs;
    this.#requestDurations = new SeriesTable(maxSeries, () => new DurationHistogram('s'));
    this.#requestQueries = new SeriesTable(maxSeries, () => new DurationHistogram());
    this.#queries = new QueryDurations(maxSeries);
    this.#findings = new SeriesTable(maxSeries, () => 0);
    this.#firstSeen = new SeriesTable(maxSeries, () => 0);
  }

  /** Requests and queries so far: what has this number as before has nothing new. */
  get measuredCount(): number {
    return this.#measuredCount;
  }

  /** How often a request, a query or a finding was counted in an overflow series. */
  get overflowCount(): number {
    const tables = [this.#requestDurations, this.#requestQueries, this.#queries, this.#findings];
    return tables.reduce((sum, { overflowCount }) => sum + overflowCount, 0);
  }

  /** Counts a finished request; `http` is `undefined` for a job, a message or a remote procedure. */
  addRequest(request: AnalyzedRequest, http: HttpRequestFacts | undefined): void {
    this.#measuredCount++;
    if (http !== undefined) this.#addDuration(request, http);
    // While nothing observes queries their number is not 0 but unknown.
    if (request.queriesObserved) this.#addQueryCount(request, http);
    for (const finding of request.findings) this.#addFinding(finding, request, http);
  }

  /** Counts a query as it ends, whether a request waits for it or not. */
  addQuery(
    system: string,
    namespace: string,
    fingerprint: QueryFingerprint,
    summary: string,
    durationMs: number,
    errorType: string | undefined,
  ): void {
    this.#measuredCount++;
    this.#queries.add(system, namespace, fingerprint, summary, durationMs, errorType);
  }

  families(): readonly MetricFamily[] {
    return [
      {
        kind: 'histogram',
        name: METRIC_HTTP_SERVER_REQUEST_DURATION,
        description: 'Duration of HTTP server requests.',
        unit: 's',
        series: this.#requestDurations,
      },
      this.#queries.family(),
      {
        kind: 'histogram',
        name: METRIC_SLOWPATH_REQUEST_QUERIES,
        description: 'Database queries of a request.',
        unit: '{query}',
        series: this.#requestQueries,
      },
      {
        kind: 'counter',
        name: METRIC_SLOWPATH_FINDINGS,
        description: 'Findings in requests.',
        unit: '{finding}',
        series: this.#findings,
      },
      {
        kind: 'gauge',
        name: METRIC_SLOWPATH_FINDING_FIRST_SEEN,
        description: 'When this process found it first, in seconds since 1970.',
        unit: 's',
        series: this.#firstSeen,
      },
    ];
  }

  #addDuration({ statusCode, durationMs }: AnalyzedRequest, http: HttpRequestFacts): void {
    const { method, route, scheme, protocolVersion, errorType } = http;
    const key = `${method}\n${route ?? ''}\n${statusCode}\n${scheme}\n${protocolVersion ?? ''}\n${errorType ?? ''}`;
    const series =
      this.#requestDurations.find(key) ??
      this.#requestDurations.add(key, {
        [ATTR_HTTP_REQUEST_METHOD]: method,
        [ATTR_URL_SCHEME]: scheme,
        ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
        ...(statusCode > 0 && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode }),
        ...(protocolVersion !== undefined && { [ATTR_NETWORK_PROTOCOL_VERSION]: protocolVersion }),
        ...(errorType !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
      });
    series.value.record(durationMs / 1000);
  }

  #addQueryCount(request: AnalyzedRequest, http: HttpRequestFacts | undefined): void {
    const key = http?.route === undefined ? request.endpoint : `${http.method}\n${http.route}`;
    const series = this.#requestQueries.find(key) ?? this.#requestQueries.add(key, describeEndpoint(request, http));
    series.value.record(request.queryCount);
  }

  #addFinding(finding: Finding, request: AnalyzedRequest, http: HttpRequestFacts | undefined): void {
    const { kind, fingerprint } = finding;
    let counted = this.#findings.find(fingerprint);
    let firstSeen = this.#firstSeen.find(fingerprint);
    if (counted === undefined || firstSeen === undefined) {
      const attributes = {
        [ATTR_FINDING_KIND]: kind,
        [ATTR_FINDING_FINGERPRINT]: fingerprint,
        ...describeEndpoint(request, http),
      };
      counted = this.#findings.add(fingerprint, attributes);
      firstSeen = this.#firstSeen.add(fingerprint, attributes);
    }
    counted.value++;
    if (firstSeen.value === 0) firstSeen.value = Math.floor(this.#unixNowMs() / 1000);
  }
}

/** A template that was made of a path is no route: it may only be the endpoint's name. */
function describeEndpoint({ endpoint }: AnalyzedRequest, http: HttpRequestFacts | undefined): MetricAttributes {
  return http?.route === undefined
    ? { [ATTR_SLOWPATH_ENDPOINT]: endpoint }
    : { [ATTR_HTTP_REQUEST_METHOD]: http.method, [ATTR_HTTP_ROUTE]: http.route };
}
