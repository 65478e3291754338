import type { FindingKind } from '../core/finding.ts';
import { byTimeToSave, type ReportedFinding } from '../analysis/finding-totals.ts';
import type { ReportInput } from './report-input.ts';

/** What may be slow by chance is listed if it was seen in this many requests, … */
export const SLOW_REQUESTS_MIN = 3;
/** … and in this share of its endpoint's requests. */
export const SLOW_REQUEST_SHARE_MIN = 0.01;

// Anything is slow once: a cold cache, a busy machine. What repeats its queries does so by how it is written.
const SEEN_BY_CHANCE: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'slow-query',
  'slow-endpoint',
  'consecutive-queries',
  'consecutive-http',
]);

/** Findings that rest on a few long durations: they are believed when they were seen several times. */
export function mayBeChance(kind: FindingKind): boolean {
  return SEEN_BY_CHANCE.has(kind);
}

/** A finding beside the requests of its endpoint. */
export interface ListedFinding extends ReportedFinding {
  /** Requests of the endpoint, aborted ones included; `undefined` when the statistics do not know the endpoint. */
  readonly endpointRequestCount: number | undefined;
  /** `requestCount` over `endpointRequestCount`, 0–1. */
  readonly requestShare: number | undefined;
}

export interface WorthReporting {
  /** By what their fixes would have saved, most first. */
  readonly findings: readonly ListedFinding[];
  readonly findingsBelowReportThreshold: number;
}

/**
 * Chooses the findings that a report lists, and counts the others. Slow queries, slow endpoints and
 * waits in a row must have been seen in at least 3 requests and in at least 1 % of their endpoint's requests; everything else
 * is listed always.
 * An endpoint that the statistics do not know, for example one that is counted as `(other)`, has no share to judge by.
 */
export function worthReporting(input: Pick<ReportInput, 'findings' | 'statistics'>): WorthReporting {
  const requestCounts = new Map<string, number>(
    input.statistics.endpoints.map(({ endpoint, count, abortedCount }) => [endpoint, count + abortedCount]),
  );
  const findings = input.findings
    .map((reported) => withRequestShare(reported, requestCounts.get(reported.finding.endpoint)))
    .filter(isWorthReporting)
    .sort(byTimeToSave);
  return { findings, findingsBelowReportThreshold: input.findings.length - findings.length };
}

function isWorthReporting({ finding, requestCount, requestShare }: ListedFinding): boolean {
  if (!mayBeChance(finding.kind)) return true;
  return requestCount >= SLOW_REQUESTS_MIN && (requestShare ?? 1) >= SLOW_REQUEST_SHARE_MIN;
}

function withRequestShare(reported: ReportedFinding, endpointRequestCount: number | undefined): ListedFinding {
  // After a reset of the monitor alone, a finding may have been seen in more requests than the statistics know of.
  const isKnown = endpointRequestCount !== undefined && endpointRequestCount >= reported.requestCount;
  if (!isKnown) return { ...reported, endpointRequestCount: undefined, requestShare: undefined };
  return { ...reported, endpointRequestCount, requestShare: reported.requestCount / endpointRequestCount };
}
