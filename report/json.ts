import type { Finding, FindingKind, Severity } from '../core/finding.ts';
import type { Endpoint, FindingFingerprint, TraceId } from '../core/types.ts';
import type { EndpointStatistics, StatisticsWindow } from '../monitor/statistics.ts';
import type { ReportInput } from './report-input.ts';
import { worthReporting, type ListedFinding } from './worth-reporting.ts';

/** Grows when a field changes its meaning or leaves; a new field does not change it. */
export const REPORT_SCHEMA_VERSION = 1;

/** What is in no number of the report, or in a coarser one. All are counts. */
export interface LeftOut {
  /** Requests of endpoints beyond the limit: they stand under `(other)`. */
  readonly requestsInOther: number;
  /** Requests whose queries nothing observed. */
  readonly queriesNotObservedCount: number;
  readonly lateQueryCount: number;
  readonly orphanQueryCount: number;
  readonly durationsRefusedCount: number;
  readonly findingsBelowReportThreshold: number;
}

export interface FindingInReport {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly endpoint: Endpoint;
  readonly fingerprint: FindingFingerprint;
  readonly summary: string;
  readonly recommendation: string;
  readonly requestCount: number;
  /** Of the endpoint's requests, 0–1; absent when those are not known. */
  readonly requestShare?: number;
  readonly countMax: number;
  /** Sums over the requests, milliseconds. */
  readonly totalMs: number;
  readonly repeatMs: number;
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
  readonly requests: { readonly count: number; readonly errorCount: number; readonly abortedCount: number };
  /** By total time, most first. */
  readonly endpoints: readonly EndpointStatistics[];
  /** By the time in their repeats, most first. */
  readonly findings: readonly FindingInReport[];
  readonly leftOut: LeftOut;
  readonly dropped: Readonly<Record<string, number>>;
  readonly note?: string;
}

/** The report for machines: write it with `JSON.stringify`, give two of them to `compareText`. */
export function reportJson(input: ReportInput): Report {
  const { service, statistics, dropped, note } = input;
  const { count, errorCount, abortedCount } = statistics;
  const { findings, findingsBelowReportThreshold } = worthReporting(input);
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    service,
    window: statistics.window,
    sinceMs: statistics.sinceMs,
    errorBound: statistics.errorBound,
    requests: { count, errorCount, abortedCount },
    endpoints: statistics.endpoints,
    findings: findings.map(findingInReport),
    leftOut: {
      requestsInOther: statistics.requestsInOther,
      queriesNotObservedCount: statistics.queriesNotObservedCount,
      lateQueryCount: statistics.lateQueryCount,
      orphanQueryCount: statistics.orphanQueryCount,
      durationsRefusedCount: statistics.durationsRefusedCount,
      findingsBelowReportThreshold,
    },
    dropped,
    ...(note !== undefined && { note }),
  };
}

function findingInReport(listed: ListedFinding): FindingInReport {
  const { kind, severity, endpoint, fingerprint, summary, recommendation, evidence } = listed.finding;
  const { requestCount, requestShare, countMax, totalMs, repeatMs, evidenceTraceId, evidenceSampled } = listed;
  return {
    kind,
    severity,
    endpoint,
    fingerprint,
    summary,
    recommendation,
    requestCount,
    ...(requestShare !== undefined && { requestShare }),
    countMax,
    totalMs,
    repeatMs,
    evidenceTraceId,
    evidenceSampled,
    evidence,
  };
}
