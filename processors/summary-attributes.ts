import type { Attributes } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { formatCallSite } from '../core/call-site-text.ts';
import type { Finding } from '../core/finding.ts';
import {
  ATTR_FINDING_CALL_SITE,
  ATTR_FINDING_CONFIDENCE,
  ATTR_FINDING_COUNT,
  ATTR_FINDING_FINGERPRINT,
  ATTR_FINDING_KIND,
  ATTR_FINDING_MODE,
  ATTR_FINDING_OPERATION,
  ATTR_FINDING_QUERY,
  ATTR_FINDING_SAVED_MS_HIGH,
  ATTR_FINDING_SAVED_MS_LOW,
  ATTR_FINDING_SEVERITY,
  ATTR_FINDING_SUMMARY,
  ATTR_SLOWPATH_ENDPOINT,
  ATTR_SLOWPATH_FINDINGS,
  ATTR_SLOWPATH_N_PLUS_ONE_COUNT,
  ATTR_SLOWPATH_QUERY_COUNT,
  ATTR_SLOWPATH_QUERY_DURATION,
  ATTR_SLOWPATH_SLOW,
  ATTR_SLOWPATH_SLOW_QUERY_COUNT,
  ATTR_SLOWPATH_TRANSACTION_COUNT,
  EVENT_SLOWPATH_FINDING,
} from '../core/semconv.ts';
import type { AnalyzedRequest } from '../core/types.ts';
import { setCacheAttributes } from './cache-attributes.ts';

/** Finding events per span; the attributes count all of them. OpenTelemetry allows 128 events, the application needs its share. */
export const MAX_FINDING_EVENTS = 32;

/** Puts what the request was on its root span. Call in `onEnding`, where the duration is known and the span still open. */
export function summarizeOnSpan(span: Span, request: AnalyzedRequest): void {
  const { findings } = request;
  span.setAttribute(ATTR_SLOWPATH_ENDPOINT, request.endpoint);
  if (request.queriesObserved) {
    span.setAttribute(ATTR_SLOWPATH_QUERY_COUNT, request.queryCount);
    span.setAttribute(ATTR_SLOWPATH_QUERY_DURATION, request.queryTotalMs / 1000);
  }
  if (request.transactionCount > 0) span.setAttribute(ATTR_SLOWPATH_TRANSACTION_COUNT, request.transactionCount);
  setCacheAttributes(span, request.cache);
  const slowQueryCount = request.groups.reduce((sum, group) => sum + group.slowCount, 0);
  if (slowQueryCount > 0) span.setAttribute(ATTR_SLOWPATH_SLOW_QUERY_COUNT, slowQueryCount);
  if (findings.length === 0) return;
  if (findings.some((finding) => finding.kind === 'slow-endpoint')) span.setAttribute(ATTR_SLOWPATH_SLOW, true);
  const loops = findings.filter((finding) => finding.kind === 'n-plus-one').length;
  if (loops > 0) span.setAttribute(ATTR_SLOWPATH_N_PLUS_ONE_COUNT, loops);
  span.setAttribute(ATTR_SLOWPATH_FINDINGS, [...new Set(findings.map((finding) => finding.kind))]);
  for (const finding of findings.slice(0, MAX_FINDING_EVENTS)) {
    span.addEvent(EVENT_SLOWPATH_FINDING, toAttributes(finding), span.endTime);
  }
}

function toAttributes({ kind, severity, fingerprint, summary, confidence, savedMs, evidence }: Finding): Attributes {
  const attributes: Attributes = {
    [ATTR_FINDING_KIND]: kind,
    [ATTR_FINDING_SEVERITY]: severity,
    [ATTR_FINDING_COUNT]: evidence.count,
    [ATTR_FINDING_FINGERPRINT]: fingerprint,
    [ATTR_FINDING_SUMMARY]: summary,
    [ATTR_FINDING_CONFIDENCE]: confidence,
  };
  if (evidence.exampleText !== undefined) attributes[ATTR_FINDING_QUERY] = evidence.exampleText;
  if (evidence.operation !== undefined) attributes[ATTR_FINDING_OPERATION] = evidence.operation;
  if (evidence.mode !== undefined) attributes[ATTR_FINDING_MODE] = evidence.mode;
  if (evidence.callSite !== undefined) attributes[ATTR_FINDING_CALL_SITE] = formatCallSite(evidence.callSite);
  // Without an estimate both are 0, which says nothing.
  if (savedMs[1] > 0) {
    attributes[ATTR_FINDING_SAVED_MS_LOW] = savedMs[0];
    attributes[ATTR_FINDING_SAVED_MS_HIGH] = savedMs[1];
  }
  return attributes;
}
