import type { AnalyzedRequest } from '../core/types.ts';

/** Findings in a line; the others are counted in `findingsNotListed`. */
export const MAX_LINE_FINDINGS = 32;
/** Characters of an endpoint's name in a line: a route is the application's, and may be a long expression. */
export const MAX_LINE_ENDPOINT_LENGTH = 500;

/**
 * The request as one line of JSON with its newline. `endUnixMs` is the wall clock at its end. What is not known is not there:
 * the queries while nothing observes a database, the status of a job. Names and numbers only: no text of a query, URL or error.
 */
export function requestLogLine(request: AnalyzedRequest, endUnixMs: number): string {
  const { endpoint, statusCode, queriesObserved, findings, connection } = request;
  const line = {
    time: new Date(endUnixMs).toISOString(),
    endpoint: endpoint.slice(0, MAX_LINE_ENDPOINT_LENGTH),
    method: methodOf(request),
    statusCode: statusCode > 0 ? statusCode : undefined,
    durationMs: rounded(request.durationMs),
    queryCount: queriesObserved ? request.queryCount : undefined,
    queryTotalMs: queriesObserved ? rounded(request.queryTotalMs) : undefined,
    transactionCount: queriesObserved ? request.transactionCount : undefined,
    failed: request.failed,
    aborted: request.aborted,
    connection: connection === 'request' ? undefined : connection,
    findings: findings.slice(0, MAX_LINE_FINDINGS).map(({ kind, fingerprint, severity, evidence }) => ({
      kind,
      fingerprint,
      severity,
      count: evidence.count,
    })),
    findingsNotListed: findings.length > MAX_LINE_FINDINGS ? findings.length - MAX_LINE_FINDINGS : undefined,
    traceId: request.traceId,
    sampled: request.sampled,
  };
  return `${JSON.stringify(line)}\n`;
}

/**
 * True for a request that failed or has findings, slow-endpoint among them; and for one whose client went away after
 * `slowRequestMinMs`: that is no finding, for nobody knows how long it would have taken.
 */
export function isNotable(request: AnalyzedRequest, slowRequestMinMs: number): boolean {
  if (request.failed || request.findings.length > 0) return true;
  return request.aborted && request.connection === 'request' && request.durationMs >= slowRequestMinMs;
}

function methodOf({ kind, endpoint }: AnalyzedRequest): string | undefined {
  const verb = endpoint.slice(0, endpoint.indexOf(' '));
  return kind === 'http' && verb !== 'rpc' ? verb : undefined;
}

/** To the microsecond. */
function rounded(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.round(ms * 1000) / 1000 : undefined;
}
