import type { Finding, FindingKind, SavedMs, Severity } from '../core/finding.ts';
import type { Endpoint, FindingFingerprint, TraceId } from '../core/types.ts';
import type {
  EndpointStatistics,
  QueryStatistics,
  RequestStatistics,
  Statistics,
  StatisticsWindow,
} from '../monitor/statistics.ts';
import type { HighFrequencyEndpoint } from '../analysis/high-frequency-endpoint.ts';
import type { LowCacheHitRate } from '../analysis/low-cache-hit-rate.ts';
import type { CachePatternStatistics } from '../monitor/cache-pattern-statistics.ts';
import type { ReportInput } from './report-input.ts';
import { worthReporting, type ListedFinding } from './worth-reporting.ts';

/** Grows when a field changes its meaning or leaves; a new field does not change it. */
export const REPORT_SCHEMA_VERSION = 1;
/** Query shapes that the report lists. */
export const LISTED_QUERIES_MAX = 100;
/** Patterns of caches that the report lists. */
export const LISTED_PATTERNS_MAX = 100;

const OTHER = '(other)';

/** What is in no number of the report, or in a coarser one. All are counts. */
export interface LeftOut {
  /** Streams of events, and connections that became something else: they are in no other number. */
  readonly streamCount: number;
  readonly upgradeCount: number;
  /** Requests of endpoints beyond the limit: they stand under `(other)`. */
  readonly requestsInOther: number;
  /** Requests whose queries nothing observed. */
  readonly queriesNotObservedCount: number;
  readonly lateQueryCount: number;
  readonly orphanQueryCount: number;
  /** Queries of shapes beyond the monitor's limit: they stand under `(other)`. */
  readonly queriesInOther: number;
  /** Queries beyond the shapes that one request tells apart. */
  readonly queriesNotGroupedCount: number;
  /** Queries whose durations were taken to be as long as their mean. */
  readonly durationsAveragedCount: number;
  /** Query shapes beyond those that `queries` lists. */
  readonly queryShapesNotListed: number;
  /** Requests that `startTracking` began and nobody ended. */
  readonly trackingsNotEndedCount: number;
  readonly durationsRefusedCount: number;
  readonly findingsBelowReportThreshold: number;
  /** Findings beyond the analyzer's limit: those whose fixes save least. */
  readonly findingsDropped: number;
  /** Findings that the application's suppressions took out, over all requests. */
  readonly findingsSuppressed: number;
  /** Patterns of caches beyond those that `caches` lists. */
  readonly cachePatternsNotListed: number;
  /** Look-ups of patterns beyond the limit: they stand under `(other)`. */
  readonly cacheLookupsInOther: number;
  /** Caches beyond the limit: nothing of them is in any number. */
  readonly cachesNotRegistered: number;
}

export interface FindingInReport {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly endpoint: Endpoint;
  readonly fingerprint: FindingFingerprint;
  readonly summary: string;
  readonly recommendation: string;
  readonly confidence: number;
  /** Of the costliest occurrence, milliseconds of that request. */
  readonly savedMs: SavedMs;
  readonly estimate?: string;
  readonly requestCount: number;
  /** Of the endpoint's requests, 0–1; absent when those are not known. */
  readonly requestShare?: number;
  readonly countMax: number;
  /** Sums over the requests, milliseconds. */
  readonly totalMs: number;
  readonly repeatMs: number;
  readonly savedMsTotal: SavedMs;
  readonly evidenceTraceId: TraceId;
  readonly evidenceSampled: boolean;
  /** That of the costliest occurrence. */
  readonly evidence: Finding['evidence'];
}

/** The report as plain data. Shares are 0–1, times milliseconds; what does not exist yet is absent. */
export interface Report {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly service: string;
  readonly window: StatisticsWindow;
  readonly sinceMs: number;
  readonly errorBound: number;
  readonly requests: RequestStatistics;
  /** By total time, most first. */
  readonly endpoints: readonly EndpointStatistics[];
  /** The query shapes that took the most time, most first. */
  readonly queries: readonly QueryStatistics[];
  /** By what their fixes would have saved over all requests, most first. */
  readonly findings: readonly FindingInReport[];
  /** By what they waste per minute, most first. */
  readonly highFrequencyEndpoints: readonly HighFrequencyEndpoint[];
  /** Patterns of caches: by the time that they saved, most first. Since the caches were made, whatever the window. */
  readonly caches: readonly CachePatternStatistics[];
  /** By the time that their computations took, most first. */
  readonly lowCacheHitRates: readonly LowCacheHitRate[];
  readonly leftOut: LeftOut;
  readonly dropped: Readonly<Record<string, number>>;
  readonly note?: string;
}

/** The report for machines: write it with `JSON.stringify`, give two of them to `compareText`. */
export function reportJson(input: ReportInput): Report {
  const { service, statistics, dropped, note } = input;
  const { queries, queriesInOther, queriesNotGroupedCount } = input.queries;
  const { findings, findingsBelowReportThreshold } = worthReporting(input);
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    service,
    window: statistics.window,
    sinceMs: statistics.sinceMs,
    errorBound: statistics.errorBound,
    requests: requestStatistics(statistics),
    endpoints: statistics.endpoints,
    queries: queries.slice(0, LISTED_QUERIES_MAX),
    findings: findings.map(findingInReport),
    highFrequencyEndpoints: input.highFrequencyEndpoints,
    caches: input.caches.slice(0, LISTED_PATTERNS_MAX),
    lowCacheHitRates: input.lowCacheHitRates,
    leftOut: {
      streamCount: statistics.streamCount,
      upgradeCount: statistics.upgradeCount,
      requestsInOther: statistics.requestsInOther,
      queriesNotObservedCount: statistics.queriesNotObservedCount,
      lateQueryCount: statistics.lateQueryCount,
      orphanQueryCount: statistics.orphanQueryCount,
      queriesInOther,
      queriesNotGroupedCount,
      durationsAveragedCount: queries.reduce((sum, query) => sum + query.durationsAveragedCount, 0),
      queryShapesNotListed: Math.max(0, queries.length - LISTED_QUERIES_MAX),
      trackingsNotEndedCount: statistics.trackingsNotEndedCount,
      durationsRefusedCount: statistics.durationsRefusedCount,
      findingsBelowReportThreshold,
      findingsDropped: input.findingsDropped,
      findingsSuppressed: input.findingsSuppressed,
      cachePatternsNotListed: Math.max(0, input.caches.length - LISTED_PATTERNS_MAX),
      cacheLookupsInOther: input.caches.reduce(
        (sum, { pattern, lookupCount }) => sum + (pattern === OTHER ? lookupCount : 0),
        0,
      ),
      cachesNotRegistered: input.cachesNotRegistered,
    },
    dropped,
    ...(note !== undefined && { note }),
  };
}

/** The numbers over all requests, without what the report says elsewhere. */
function requestStatistics(statistics: Statistics): RequestStatistics {
  const {
    window: _window,
    sinceMs: _sinceMs,
    errorBound: _errorBound,
    endpoints: _endpoints,
    lateQueryCount: _late,
    orphanQueryCount: _orphan,
    trackingsNotEndedCount: _trackings,
    requestsInOther: _other,
    ...requests
  } = statistics;
  return requests;
}

function findingInReport(listed: ListedFinding): FindingInReport {
  const { kind, severity, endpoint, fingerprint, summary, recommendation, confidence, savedMs, estimate, evidence } =
    listed.finding;
  const {
    requestCount,
    requestShare,
    countMax,
    totalMs,
    repeatMs,
    savedMs: savedMsTotal,
    evidenceTraceId,
    evidenceSampled,
  } = listed;
  return {
    kind,
    severity,
    endpoint,
    fingerprint,
    summary,
    recommendation,
    confidence,
    savedMs,
    ...(estimate !== undefined && { estimate }),
    requestCount,
    ...(requestShare !== undefined && { requestShare }),
    countMax,
    totalMs,
    repeatMs,
    savedMsTotal,
    evidenceTraceId,
    evidenceSampled,
    evidence,
  };
}
