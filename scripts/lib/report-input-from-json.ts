import { REPORT_SCHEMA_VERSION, type FindingInReport, type Report } from '../../report/json.ts';
import type { ReportInput } from '../../report/report-input.ts';

/**
 * Reads the report that an application wrote as JSON when it ended.
 * @throws {Error} if it is no report of this version.
 */
export function parseReport(json: string): Report {
  const value: unknown = JSON.parse(json);
  if (isReport(value)) return value;
  throw new Error(
    `The application's report is not of schemaVersion ${REPORT_SCHEMA_VERSION}. Run \`npm run build\`, then the demo again.`,
  );
}

/** The report as its text is made from. */
export function toReportInput(report: Report): ReportInput {
  const { service, window, sinceMs, errorBound, requests, endpoints, queries, leftOut, dropped, note } = report;
  return {
    service,
    findings: report.findings.map(toReportedFinding),
    highFrequencyEndpoints: report.highFrequencyEndpoints,
    caches: report.caches,
    lowCacheHitRates: report.lowCacheHitRates,
    cachesNotRegistered: leftOut.cachesNotRegistered,
    findingsDropped: leftOut.findingsDropped,
    findingsSuppressed: leftOut.findingsSuppressed,
    dropped,
    ...(note !== undefined && { note }),
    statistics: {
      window,
      sinceMs,
      errorBound,
      ...requests,
      endpoints,
      requestsInOther: leftOut.requestsInOther,
      lateQueryCount: leftOut.lateQueryCount,
      orphanQueryCount: leftOut.orphanQueryCount,
      trackingsNotEndedCount: leftOut.trackingsNotEndedCount,
    },
    queries: {
      // The report is about the whole time; queries have no other window in it.
      window: 'all',
      sinceMs,
      errorBound,
      queries,
      queriesInOther: leftOut.queriesInOther,
      queriesNotGroupedCount: leftOut.queriesNotGroupedCount,
    },
  };
}

function toReportedFinding(reported: FindingInReport): ReportInput['findings'][number] {
  const { requestCount, countMax, totalMs, repeatMs, savedMsTotal, evidenceTraceId, evidenceSampled, ...finding } =
    reported;
  return {
    finding,
    requestCount,
    countMax,
    totalMs,
    repeatMs,
    savedMs: savedMsTotal,
    evidenceTraceId,
    evidenceSampled,
  };
}

function isReport(value: unknown): value is Report {
  if (typeof value !== 'object' || value === null) return false;
  if (!('schemaVersion' in value) || value.schemaVersion !== REPORT_SCHEMA_VERSION) return false;
  const lists = ['endpoints', 'queries', 'findings', 'highFrequencyEndpoints', 'caches', 'lowCacheHitRates'];
  return lists.every((name) => Array.isArray(Reflect.get(value, name)));
}
