import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import { ATTR_DB_NAMESPACE, ATTR_DB_RESPONSE_RETURNED_ROWS, ATTR_SLOWPATH_SLOW } from '../core/semconv.ts';
import { combineHashes } from '../core/keyed-hash.ts';
import type { SpanId } from '../core/types.ts';
import type { LiveRequest } from '../request/live-request.ts';
import type { QueryShape } from '../sql/index.ts';
import { isKeyValueSystem, shapeOf } from './database-span.ts';
import { isWrapper, parametersHashOf, rowCountOf } from './query-hints.ts';
import { msBetween, numberAttribute, stringAttribute, toMs } from './read-span.ts';
import { redactStatement, rewriteQueryText, takeParameterAttributes } from './redact-statement.ts';
import { redactKeyValueCommand, type Unredacted } from './redact-span.ts';

/** Where the span went: `late` and `orphan` queries are counted apart, `none` is no query. */
export type DatabaseSpanOutcome = 'counted' | 'late' | 'orphan' | 'none';

/** Takes an ending database span into its request, and the literals out of its attributes. */
export function recordDatabaseSpan(
  span: Span,
  system: string,
  request: LiveRequest | undefined,
  unredacted: ReadonlySet<Unredacted>,
  nowMs: number,
): DatabaseSpanOutcome {
  if (isKeyValueSystem(system)) {
    if (!unredacted.has('redis-keys')) rewriteQueryText(span, redactKeyValueCommand);
    return 'none';
  }
  const shape = shapeOf(span, system);
  const binds = parametersHashOf(span) ?? takeParameterAttributes(span);
  if (!unredacted.has('query-text')) redactStatement(span, shape);
  if (shape === undefined) return 'none';
  if (isWrapper(span)) return 'none';
  if (shape.kind === 'control') {
    if (shape.startsTransaction) request?.addTransaction();
    return 'none';
  }
  if (request === undefined) return 'orphan';
  return addToRequest(span, system, shape, binds, request, nowMs) ? 'counted' : 'late';
}

function addToRequest(
  span: Span,
  system: string,
  shape: QueryShape,
  binds: number | undefined,
  request: LiveRequest,
  nowMs: number,
): boolean {
  const durationMs = toMs(span.duration);
  if (durationMs >= request.start.slowQueryMinMs) span.setAttribute(ATTR_SLOWPATH_SLOW, true);
  return request.addQuery({
    spanId: span.spanContext().spanId as SpanId,
    system,
    namespace: stringAttribute(span, ATTR_DB_NAMESPACE) ?? '',
    fingerprint: shape.fingerprint,
    text: shape.text,
    summary: shape.summary,
    kind: shape.kind,
    takesList: shape.takesList,
    startMs: startMsOf(span, request, nowMs, durationMs),
    durationMs,
    failed: span.status.code === SpanStatusCode.ERROR,
    parametersHash: parametersHash(binds, shape),
    rowCount: rowCountOf(span) ?? numberAttribute(span, ATTR_DB_RESPONSE_RETURNED_ROWS),
  });
}

/** A wall clock in whole milliseconds is this far off, and a little more on a busy process. */
const CLOCKS_AGREE_MS = 10;

/**
 * When the query started, from the start of the request. A span's start is a wall clock's whole milliseconds, so that short
 * queries one after the other seem to overlap; the monotonic end less the duration is exact. A span that was made afterwards
 * with times of its own (Prisma's engine sends such) is told by a wall clock that disagrees, and keeps its times.
 */
function startMsOf(span: ReadableSpan, request: LiveRequest, nowMs: number, durationMs: number): number {
  const endMs = nowMs - request.start.startedAtMs;
  const wallEndMs = msBetween(request.start.startTime, span.endTime);
  return Math.max(0, (Math.abs(wallEndMs - endMs) <= CLOCKS_AGREE_MS ? endMs : wallEndMs) - durationMs);
}

/** Known when a hook saw the bind values, or when the statement has no placeholder and so its literals are all there is. */
function parametersHash(binds: number | undefined, shape: QueryShape): number | undefined {
  if (binds !== undefined) return combineHashes(binds, shape.literalsHash);
  return shape.parameterCount === 0 && shape.exact ? shape.literalsHash : undefined;
}
