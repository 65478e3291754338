import { SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import {
  ATTR_CACHE_HIT,
  ATTR_DB_MEMCACHED_KEY,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_BATCH_SIZE,
  ATTR_DB_RESPONSE_RETURNED_ROWS,
  ATTR_SLOWPATH_SLOW,
} from '../core/semconv.ts';
import { combineHashes } from '../core/keyed-hash.ts';
import type { SpanId } from '../core/types.ts';
import { isRollback } from '../analysis/is-rollback.ts';
import type { LiveRequest } from '../request/live-request.ts';
import type { QueryShape } from '../sql/index.ts';
import { isKeyValueSystem, shapeOf } from './database-span.ts';
import { clientOf } from './database-client.ts';
import { isWrapper, listSizeOf, parametersHashOf, rowCountOf } from './query-hints.ts';
import { recordKeyValueSpan } from './record-key-value-span.ts';
import { numberAttribute, stringAttribute, toMs } from './read-span.ts';
import { REDACTED } from './redacted.ts';
import { redactStatement, rewriteQueryText, takeParameterAttributes } from './redact-statement.ts';
import { redactKeyValueCommand, type Unredacted } from './redact-span.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { startMsOf } from './start-of-span.ts';

/** Where the span went: `late` and `orphan` queries are counted apart, `none` is no query. */
export type DatabaseSpanOutcome = 'counted' | 'late' | 'orphan' | 'none';

/** Takes an ending database span into its request, and the literals out of its attributes. */
export function recordDatabaseSpan(
  span: Span,
  system: string,
  request: LiveRequest | undefined,
  unredacted: ReadonlySet<Unredacted>,
  nowMs: number,
  metrics?: RequestMetrics,
): DatabaseSpanOutcome {
  if (isKeyValueSystem(system)) {
    if (request !== undefined) recordKeyValueSpan(span, system, request, nowMs);
    if (!unredacted.has('redis-keys')) {
      rewriteQueryText(span, redactKeyValueCommand);
      if (ATTR_DB_MEMCACHED_KEY in span.attributes) span.setAttribute(ATTR_DB_MEMCACHED_KEY, REDACTED);
    }
    return 'none';
  }
  const shape = shapeOf(span, system);
  const binds = parametersHashOf(span) ?? takeParameterAttributes(span);
  if (!unredacted.has('query-text')) redactStatement(span, shape);
  if (shape === undefined) return 'none';
  if (isWrapper(span) || span.attributes[ATTR_CACHE_HIT] === true) return 'none';
  if (shape.kind === 'control') {
    // A BEGIN that failed has opened nothing; a COMMIT that failed has ended it all the same.
    const failed = span.status.code === SpanStatusCode.ERROR;
    if (shape.endsTransaction || !failed) followTransaction(shape, request, failed);
    return 'none';
  }
  metrics?.addQuery(span, system, shape);
  if (request === undefined) return 'orphan';
  const isCounted = addToRequest(span, system, shape, binds, request, nowMs);
  followTransaction(shape, request);
  return isCounted ? 'counted' : 'late';
}

/** `COMMIT AND CHAIN` does both; `BEGIN; UPDATE …` in one text leaves a transaction open. */
function followTransaction(shape: QueryShape, request: LiveRequest | undefined, failed = false): void {
  if (shape.endsTransaction) request?.endTransaction(failed || isRollback(shape.text));
  if (shape.startsTransaction) request?.beginTransaction();
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
  if (durationMs >= request.start.limits.slowQueryMinMs) span.setAttribute(ATTR_SLOWPATH_SLOW, true);
  return request.addQuery({
    spanId: span.spanContext().spanId as SpanId,
    system,
    namespace: stringAttribute(span, ATTR_DB_NAMESPACE) ?? '',
    fingerprint: shape.fingerprint,
    text: shape.text,
    summary: shape.summary,
    kind: shape.kind,
    takesList: shape.takesList,
    listSize: Math.max(shape.listSize, listSizeOf(span), numberAttribute(span, ATTR_DB_OPERATION_BATCH_SIZE) ?? 0),
    traits: shape.traits,
    client: clientOf(span),
    startMs: startMsOf(span, request, nowMs, durationMs),
    durationMs,
    failed: span.status.code === SpanStatusCode.ERROR,
    parametersHash: parametersHash(binds, shape),
    rowCount: rowCountOf(span) ?? returnedRows(span, shape),
  });
}

/** Of a write, returned rows are not the written ones: 0 would look like a write that found nothing to change. */
function returnedRows(span: Span, { kind }: QueryShape): number | undefined {
  return kind === 'read' ? numberAttribute(span, ATTR_DB_RESPONSE_RETURNED_ROWS) : undefined;
}

/** Known when a hook saw the bind values, or when the statement has no placeholder and so its literals are all there is. */
function parametersHash(binds: number | undefined, shape: QueryShape): number | undefined {
  if (binds !== undefined) return combineHashes(binds, shape.literalsHash);
  return shape.parameterCount === 0 && shape.exact ? shape.literalsHash : undefined;
}
