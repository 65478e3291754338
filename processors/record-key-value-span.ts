import { SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import {
  ATTR_DB_MEMCACHED_KEY,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_STATEMENT_OLD,
} from '../core/semconv.ts';
import type { SpanId } from '../core/types.ts';
import { describeKeyValueCommand } from '../request/call-shapes.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { clientOf } from './database-client.ts';
import { stringAttribute, toMs } from './read-span.ts';
import { startMsOf } from './start-of-span.ts';

/** The key of a command whose text leaves it out, as that of HGETALL: kept on its span, never exported. */
const KEY = Symbol.for('slowpath.command.key');

interface Keyed {
  [KEY]?: string;
}

/** A longer key is known by its beginning. */
const MAX_KEY_LENGTH = 1024;

/** Keeps the first argument of a command, as its driver sent it, until the span has ended. */
export function setCommandKey(span: object, argument: unknown): void {
  if (typeof argument === 'string') (span as Keyed)[KEY] = argument.slice(0, MAX_KEY_LENGTH);
  else if (argument instanceof Uint8Array)
    (span as Keyed)[KEY] = Buffer.from(argument.subarray(0, MAX_KEY_LENGTH)).toString('latin1');
  else if (typeof argument === 'number') (span as Keyed)[KEY] = String(argument);
}

/** Takes an ending span of a key-value command into its request. Its text must not have been redacted before. */
export function recordKeyValueSpan(span: Span, system: string, request: LiveRequest, nowMs: number): void {
  const operation = stringAttribute(span, ATTR_DB_OPERATION_NAME);
  if (operation !== undefined && isQueued(operation)) return;
  const text = textOf(span, operation);
  const shape = text === undefined ? undefined : describeKeyValueCommand(text, system);
  if (shape === undefined) return;
  const durationMs = toMs(span.duration);
  request.addCall({
    type: 'kv',
    spanId: span.spanContext().spanId as SpanId,
    system,
    ...shape,
    client: clientOf(span),
    startMs: startMsOf(span, request, nowMs, durationMs),
    durationMs,
    failed: span.status.code === SpanStatusCode.ERROR,
  });
}

/** It went out with others: in a pipeline, or between MULTI and EXEC. `PIPELINE get`, or `MULTI` where the commands differ. */
function isQueued(operation: string): boolean {
  return operation.startsWith('PIPELINE') || operation.startsWith('MULTI');
}

/** `GET user:17`. The instrumentation of memcached writes the key into an attribute of its own. */
function textOf(span: Span, operation: string | undefined): string | undefined {
  const text = stringAttribute(span, ATTR_DB_QUERY_TEXT) ?? stringAttribute(span, ATTR_DB_STATEMENT_OLD) ?? operation;
  const key = (span as Keyed)[KEY] ?? stringAttribute(span, ATTR_DB_MEMCACHED_KEY);
  if (text === undefined || key === undefined) return text;
  const space = text.indexOf(' ');
  return `${space === -1 ? text : text.slice(0, space)} ${key}`;
}
