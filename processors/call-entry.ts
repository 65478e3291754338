import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_STATEMENT_OLD,
  ATTR_HTTP_METHOD_OLD,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_URL_OLD,
  ATTR_URL_FULL,
} from '../core/semconv.ts';
import type { SpanId } from '../core/types.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { clientOf } from './database-client.ts';
import { isDocumentSystem, isKeyValueSystem, shapeOf } from './database-span.ts';
import { stringAttribute } from './read-span.ts';

/**
 * Tells the request what it asks for, from a span that starts in the caller's stack. `system` is the span's database system.
 * Spans that learn their text later (pg's) are told by their driver's hook.
 */
export function enterFromSpan(span: ReadableSpan, system: string | undefined, request: LiveRequest): void {
  if (span.kind !== SpanKind.CLIENT) return;
  if (system === undefined) {
    const method = stringAttribute(span, ATTR_HTTP_REQUEST_METHOD) ?? stringAttribute(span, ATTR_HTTP_METHOD_OLD);
    const url = stringAttribute(span, ATTR_URL_FULL) ?? stringAttribute(span, ATTR_HTTP_URL_OLD);
    if (method !== undefined && url !== undefined) request.enter(url, method, 'http', spanIdOf(span));
    return;
  }
  const client = clientOf(span);
  // The MongoDB driver's own span follows.
  if (client === 'mongoose') return;
  if (isDocumentSystem(system)) {
    const shape = shapeOf(span, system);
    if (shape !== undefined) request.enter(shape.fingerprint, system, 'document');
    return;
  }
  const text = stringAttribute(span, ATTR_DB_QUERY_TEXT) ?? stringAttribute(span, ATTR_DB_STATEMENT_OLD);
  if (text === undefined) return;
  if (!isKeyValueSystem(system))
    request.enter(text, system, client === 'knex' || client === 'prisma' ? 'orm' : 'driver');
  else if (!isQueued(span)) request.enter(text, system, 'kv', spanIdOf(span));
}

/** A command that goes out with others is no round of a loop. */
function isQueued(span: ReadableSpan): boolean {
  const operation = stringAttribute(span, ATTR_DB_OPERATION_NAME);
  return operation !== undefined && (operation.startsWith('PIPELINE') || operation.startsWith('MULTI'));
}

function spanIdOf(span: ReadableSpan): SpanId {
  return span.spanContext().spanId as SpanId;
}
