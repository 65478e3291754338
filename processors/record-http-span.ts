import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import {
  ATTR_HTTP_METHOD_OLD,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_STATUS_CODE_OLD,
  ATTR_HTTP_URL_OLD,
  ATTR_URL_FULL,
  ATTR_URL_TEMPLATE,
} from '../core/semconv.ts';
import type { SpanId } from '../core/types.ts';
import { describeHttpCall } from '../request/call-shapes.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { isWithinQuery } from './query-hints.ts';
import { numberAttribute, stringAttribute, toMs } from './read-span.ts';
import { startMsOf } from './start-of-span.ts';

/** What the call found of the request's transactions when it started: kept on its span, never exported. */
const HOLD_MARK = Symbol.for('slowpath.call.hold');

interface Marked {
  [HOLD_MARK]?: number;
}

/** Notes that an HTTP call starts, if the span is one. */
export function startHttpSpan(span: Span, request: LiveRequest): void {
  if (methodOf(span) === undefined) return;
  const mark = request.callStarted();
  // Nearly every call starts without a transaction: its span stays as it is.
  if (mark >= 0) (span as Marked)[HOLD_MARK] = mark;
}

/** Takes an ending HTTP client span into its request. */
export function recordHttpSpan(span: Span, request: LiveRequest, nowMs: number): void {
  const method = methodOf(span);
  if (method === undefined || isWithinQuery(span)) return;
  const url = stringAttribute(span, ATTR_URL_FULL) ?? stringAttribute(span, ATTR_HTTP_URL_OLD);
  const shape = url === undefined ? undefined : describeHttpCall(method, url, stringAttribute(span, ATTR_URL_TEMPLATE));
  if (shape === undefined) return;
  const durationMs = toMs(span.duration);
  request.addCall(
    {
      type: 'http',
      spanId: span.spanContext().spanId as SpanId,
      system: 'http',
      ...shape,
      client: undefined,
      startMs: startMsOf(span, request, nowMs, durationMs),
      durationMs,
      failed: hasFailed(span),
    },
    (span as Marked)[HOLD_MARK],
  );
}

/** The method of an HTTP client span, by the stable or the older attribute; `undefined` for any other span. */
function methodOf(span: Span): string | undefined {
  if (span.kind !== SpanKind.CLIENT) return undefined;
  return stringAttribute(span, ATTR_HTTP_REQUEST_METHOD) ?? stringAttribute(span, ATTR_HTTP_METHOD_OLD);
}

function hasFailed(span: Span): boolean {
  if (span.status.code === SpanStatusCode.ERROR) return true;
  const status =
    numberAttribute(span, ATTR_HTTP_RESPONSE_STATUS_CODE) ?? numberAttribute(span, ATTR_HTTP_STATUS_CODE_OLD);
  return status !== undefined && status >= 400;
}
