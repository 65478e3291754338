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

/** The report as its text is made from. What the JSON leaves out, because no report shows it, is absent or 0. */
export function toReportInput(report: Report): ReportInput {
  const { service, window, sinceMs, errorBound, requests, endpoints, leftOut, dropped, note } = report;
  const sum = (field: 'totalMs' | 'queryCount' | 'slowRequestCount' | 'slowQueryCount'): number =>
    endpoints.reduce((total, endpoint) => total + endpoint[field], 0);
  return {
    service,
    findings: report.findings.map(toReportedFinding),
    dropped,
    ...(note !== undefined && { note }),
    statistics: {
      window,
      sinceMs,
      errorBound,
      ...requests,
      endpoints,
      totalMs: sum('totalMs'),
      queryCount: sum('queryCount'),
      slowRequestCount: sum('slowRequestCount'),
      slowQueryCount: sum('slowQueryCount'),
      requestsInOther: leftOut.requestsInOther,
      queriesNotObservedCount: leftOut.queriesNotObservedCount,
      lateQueryCount: leftOut.lateQueryCount,
      orphanQueryCount: leftOut.orphanQueryCount,
      durationsRefusedCount: leftOut.durationsRefusedCount,
      ...notInJson,
    },
  };
}

const notInJson = {
  durationMsAvg: undefined,
  durationMsMin: undefined,
  durationMsMax: undefined,
  durationMsP50: undefined,
  durationMsP95: undefined,
  durationMsP99: undefined,
  queriesPerRequestAvg: undefined,
  queriesPerRequestMin: undefined,
  queriesPerRequestMax: undefined,
  queriesPerRequestP50: undefined,
  queriesPerRequestP95: undefined,
  queriesPerRequestP99: undefined,
  databaseShare: undefined,
} as const;

function toReportedFinding(reported: FindingInReport): ReportInput['findings'][number] {
  const { requestCount, countMax, totalMs, repeatMs, evidenceTraceId, evidenceSampled, ...finding } = reported;
  return { finding, requestCount, countMax, totalMs, repeatMs, evidenceTraceId, evidenceSampled };
}

function isReport(value: unknown): value is Report {
  if (typeof value !== 'object' || value === null) return false;
  if (!('schemaVersion' in value) || value.schemaVersion !== REPORT_SCHEMA_VERSION) return false;
  return 'endpoints' in value && Array.isArray(value.endpoints) && 'findings' in value && Array.isArray(value.findings);
}
