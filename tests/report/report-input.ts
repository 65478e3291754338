import type { Finding } from '../../core/finding.ts';
import type { Endpoint, FindingFingerprint, QueryFingerprint, SpanId, TraceId } from '../../core/types.ts';
import type { ReportedFinding } from '../../analysis/query-analyzer.ts';
import type {
  EndpointStatistics,
  QueryReport,
  QueryStatistics,
  RequestStatistics,
  Statistics,
} from '../../monitor/statistics.ts';
import type { ReportInput } from '../../report/report-input.ts';

const NONE: RequestStatistics = {
  count: 0,
  requestsPerSecond: undefined,
  errorCount: 0,
  abortedCount: 0,
  streamCount: 0,
  upgradeCount: 0,
  durationMsAvg: undefined,
  durationMsMin: undefined,
  durationMsMax: undefined,
  durationMsP50: undefined,
  durationMsP95: undefined,
  durationMsP99: undefined,
  totalMs: 0,
  durationsRefusedCount: 0,
  queriesPerRequestAvg: undefined,
  queriesPerRequestMin: undefined,
  queriesPerRequestMax: undefined,
  queriesPerRequestP50: undefined,
  queriesPerRequestP95: undefined,
  queriesPerRequestP99: undefined,
  queryCount: 0,
  queriesNotObservedCount: 0,
  databaseShare: undefined,
  cacheLookupCount: 0,
  cacheHitCount: 0,
  cacheHitRate: undefined,
  cacheStaleHitCount: 0,
  cacheCoalescedCount: 0,
  cacheRequestCount: 0,
  cacheAllHitRate: undefined,
  cacheComputeMsTotal: 0,
  cacheSavedMsTotal: 0,
  slowRequestCount: 0,
  slowQueryCount: 0,
};

/** Statistics of an endpoint that holds nothing but the given numbers. */
export function endpointStatistics(endpoint: string, parts: Partial<RequestStatistics> = {}): EndpointStatistics {
  return { ...NONE, ...parts, endpoint: endpoint as Endpoint };
}

/** Statistics over a minute with the given endpoints; the counts in all are their sums. */
export function statistics(endpoints: readonly EndpointStatistics[], parts: Partial<Statistics> = {}): Statistics {
  const sum = (of: (one: EndpointStatistics) => number): number => endpoints.reduce((total, one) => total + of(one), 0);
  return {
    ...NONE,
    window: 'all',
    sinceMs: 62_000,
    errorBound: 0.011,
    count: sum(({ count }) => count),
    errorCount: sum(({ errorCount }) => errorCount),
    abortedCount: sum(({ abortedCount }) => abortedCount),
    streamCount: sum(({ streamCount }) => streamCount),
    upgradeCount: sum(({ upgradeCount }) => upgradeCount),
    totalMs: sum(({ totalMs }) => totalMs),
    queriesNotObservedCount: sum(({ queriesNotObservedCount }) => queriesNotObservedCount),
    lateQueryCount: 0,
    orphanQueryCount: 0,
    trackingsNotEndedCount: 0,
    requestsInOther: 0,
    endpoints,
    ...parts,
  };
}

/** A finding that was seen; a loop of 20 queries in each of 200 requests to `GET /orders` otherwise. */
export function reportedFinding(
  finding: Partial<Omit<Finding, 'endpoint' | 'evidence'>> & { endpoint?: string; exampleText?: string } = {},
  parts: Partial<ReportedFinding> = {},
): ReportedFinding {
  const { endpoint = 'GET /orders', exampleText = 'SELECT * FROM users WHERE id = $1', ...rest } = finding;
  return {
    finding: {
      kind: 'n-plus-one',
      severity: 'critical',
      endpoint: endpoint as Endpoint,
      fingerprint: 'f1' as FindingFingerprint,
      summary: '20 queries differed only in their values (90.0 ms of 182 ms)',
      recommendation: 'Load the rows in one query: WHERE id = ANY($1).',
      confidence: 0.9,
      savedMs: [60, 85],
      evidence: {
        count: 20,
        totalMs: 90,
        repeatMs: 85.5,
        spanIds: ['00000000000000a1' as SpanId],
        exampleText,
        queryFingerprint: 'q1' as QueryFingerprint,
        mode: 'sequential',
        operation: 'read',
      },
      ...rest,
    },
    requestCount: 200,
    totalMs: 18_000,
    repeatMs: 17_100,
    savedMs: [12_000, 17_000],
    countMax: 20,
    evidenceTraceId: '8d1f0000000000000000000000000001' as TraceId,
    evidenceSampled: true,
    ...parts,
  };
}

const NO_QUERIES: QueryReport = {
  window: 'all',
  sinceMs: 62_000,
  errorBound: 0.011,
  queries: [],
  queriesInOther: 0,
  queriesNotGroupedCount: 0,
};

/** A report of these queries. */
export function queryReport(queries: readonly QueryStatistics[], parts: Partial<QueryReport> = {}): QueryReport {
  return { ...NO_QUERIES, queries, ...parts };
}

/** Statistics of a query shape that ran once in `GET /orders`, for no time, and told no rows, with the given parts. */
export function queryStatistics(
  summary: string,
  parts: Partial<Omit<QueryStatistics, 'endpoints'>> & { readonly endpoints?: readonly string[] } = {},
): QueryStatistics {
  const { endpoints = ['GET /orders'], ...rest } = parts;
  return {
    fingerprint: summary as QueryFingerprint,
    system: 'postgresql',
    text: summary,
    summary,
    count: 1,
    errorCount: 0,
    durationMsAvg: 0,
    durationMsMin: 0,
    durationMsMax: 0,
    durationMsP50: 0,
    durationMsP95: 0,
    durationMsP99: 0,
    totalMs: 0,
    durationsRefusedCount: 0,
    durationsAveragedCount: 0,
    slowQueryCount: 0,
    rowCount: 0,
    rowsKnownCount: 0,
    rowsPerQueryAvg: undefined,
    rowsPerQueryMax: undefined,
    endpoints: endpoints as readonly Endpoint[],
    unlistedEndpointsCount: 0,
    ...rest,
  };
}

const NOTHING_FOUND = {
  queries: NO_QUERIES,
  highFrequencyEndpoints: [],
  caches: [],
  lowCacheHitRates: [],
  cachesNotRegistered: 0,
  findingsDropped: 0,
  findingsSuppressed: 0,
};

/** A report's input for the service `shop`. */
export function reportInput(
  endpoints: readonly EndpointStatistics[],
  findings: readonly ReportedFinding[] = [],
  parts: Partial<ReportInput> = {},
): ReportInput {
  return { ...NOTHING_FOUND, service: 'shop', statistics: statistics(endpoints), findings, dropped: {}, ...parts };
}

/** An hour of a small shop: two endpoints with findings, a clean one, one that only lost its clients. */
export const shop: ReportInput = {
  ...NOTHING_FOUND,
  service: 'shop',
  statistics: statistics(
    [
      endpointStatistics('GET /orders', {
        count: 1200,
        errorCount: 1,
        durationMsAvg: 182.4,
        durationMsP50: 180.2,
        durationMsP95: 240.4,
        durationMsP99: 611,
        durationMsMax: 1240,
        totalMs: 218_880,
        queriesPerRequestAvg: 21,
      }),
      endpointStatistics('GET /customers/:customerId/orders/:orderId/items', {
        count: 200,
        abortedCount: 3,
        errorCount: 2,
        durationMsAvg: 64.21,
        durationMsP50: 31.07,
        durationMsP95: 121,
        durationMsP99: 1005,
        durationMsMax: 2310,
        totalMs: 12_842,
        queriesPerRequestAvg: 2.25,
      }),
      endpointStatistics('GET /health', {
        count: 600,
        durationMsAvg: 0.83,
        durationMsP50: 0.7,
        durationMsP95: 1.2,
        durationMsP99: 2.04,
        durationMsMax: 9.5,
        totalMs: 498,
        queriesPerRequestAvg: 0,
      }),
      endpointStatistics('GET /export', { abortedCount: 7 }),
    ],
    { sinceMs: 3_600_000, lateQueryCount: 1, orphanQueryCount: 12 },
  ),
  queries: queryReport([
    queryStatistics('SELECT users', {
      count: 24_000,
      durationMsAvg: 4.5,
      durationMsP50: 4.1,
      durationMsP95: 8.24,
      durationMsP99: 21.1,
      durationMsMax: 90.2,
      totalMs: 108_000,
      rowCount: 24_000,
      rowsKnownCount: 24_000,
      rowsPerQueryAvg: 1,
    }),
    queryStatistics('SELECT items SELECT orders', {
      count: 200,
      errorCount: 2,
      durationMsAvg: 55.2,
      durationMsP50: 20.04,
      durationMsP95: 96,
      durationMsP99: 990,
      durationMsMax: 2290,
      totalMs: 11_040,
      endpoints: ['GET /customers/:customerId/orders/:orderId/items', 'GET /orders', 'GET /a', 'GET /b'],
    }),
  ]),
  findings: [
    reportedFinding(
      {
        kind: 'slow-query',
        severity: 'warning',
        endpoint: 'GET /customers/:customerId/orders/:orderId/items',
        summary: 'SELECT items took 412 ms (threshold 200 ms)',
        recommendation:
          'Run EXPLAIN (ANALYZE, BUFFERS) on it; a sequential scan over a large table asks for an index on its WHERE columns.',
        exampleText:
          'SELECT i.id, i.name, i.price, i.quantity FROM items AS i JOIN orders AS o ON o.id = i.order_id WHERE o.customer_id = $1',
      },
      { requestCount: 3, totalMs: 1_105.6, repeatMs: 1_105.6, savedMs: [0, 800], countMax: 1, evidenceSampled: false },
    ),
    reportedFinding({}, { requestCount: 1200, totalMs: 108_000, repeatMs: 102_600, savedMs: [72_000, 102_000] }),
    reportedFinding(
      { kind: 'slow-endpoint', severity: 'warning', summary: 'the request took 1.24 s (threshold 1000 ms)' },
      { requestCount: 3, totalMs: 3_300, repeatMs: 0, savedMs: [0, 0], countMax: 1 },
    ),
  ],
  dropped: { queue_full: 40, export_failed: 0 },
};
