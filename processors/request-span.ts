import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_DESTINATION_TEMPLATE,
  ATTR_URL_PATH,
} from '../core/semconv.ts';
import type { Endpoint, RequestKind } from '../core/types.ts';
import type { EndpointNames } from '../request/endpoint-names.ts';
import type { LiveRequest, RequestEnd } from '../request/live-request.ts';
import { numberAttribute, stringAttribute, toMs } from './read-span.ts';

/** Instrumentations of sockets and files: their spans without a parent are the process's own doings, not jobs. */
const PLUMBING_SCOPES = new Set([
  '@opentelemetry/instrumentation-net',
  '@opentelemetry/instrumentation-dns',
  '@opentelemetry/instrumentation-fs',
]);

/**
 * What the span is the root of, if it opens a request: a server's span, a consumer's, or an internal one without a parent here.
 * A client span without a request is an orphan and opens nothing.
 */
export function localRootKind(span: ReadableSpan, parent: object | undefined): RequestKind | undefined {
  if (span.kind === SpanKind.SERVER) return 'http';
  if (span.kind === SpanKind.CONSUMER) return 'message';
  if (span.kind !== SpanKind.INTERNAL || PLUMBING_SCOPES.has(span.instrumentationScope.name)) return undefined;
  return parent === undefined || isRemote(parent) ? 'job' : undefined;
}

function isRemote(parent: object): boolean {
  return 'spanContext' in parent && trace.isSpanContextValid((parent as Span).spanContext())
    ? (parent as Span).spanContext().isRemote === true
    : true;
}

/** The route that a nested server span knows and its root may never learn: Next.js names it one level below. */
export function routeOf(span: ReadableSpan): string | undefined {
  return span.kind === SpanKind.SERVER ? stringAttribute(span, ATTR_HTTP_ROUTE) : undefined;
}

/** Reads from the ending root span what its request was. */
export function describeRequestEnd(
  span: ReadableSpan,
  request: LiveRequest,
  names: EndpointNames,
  queriesObserved: boolean,
): RequestEnd {
  // Instrumentations before the stable conventions wrote the two older names.
  const statusCode =
    numberAttribute(span, ATTR_HTTP_RESPONSE_STATUS_CODE) ?? numberAttribute(span, 'http.status_code') ?? 0;
  return {
    endpoint: endpointOf(span, request, names, statusCode),
    statusCode,
    failed: statusCode >= 500 || span.status.code === SpanStatusCode.ERROR,
    aborted: request.aborted,
    connection: statusCode === 101 ? 'upgrade' : request.stream ? 'stream' : 'request',
    durationMs: toMs(span.duration),
    queriesObserved: queriesObserved || request.queryCount > 0,
  };
}

function endpointOf(span: ReadableSpan, request: LiveRequest, names: EndpointNames, statusCode: number): Endpoint {
  if (request.start.kind === 'job') return names.job(span.name);
  if (request.start.kind === 'message') {
    const destination =
      stringAttribute(span, ATTR_MESSAGING_DESTINATION_TEMPLATE) ??
      stringAttribute(span, ATTR_MESSAGING_DESTINATION_NAME);
    return names.message(destination ?? span.name);
  }
  const method = stringAttribute(span, ATTR_HTTP_REQUEST_METHOD) ?? stringAttribute(span, 'http.method');
  if (method === undefined) return names.rpc(span.name);
  const route = stringAttribute(span, ATTR_HTTP_ROUTE) ?? request.route;
  return names.http(
    method,
    route,
    stringAttribute(span, ATTR_URL_PATH) ?? stringAttribute(span, 'http.target'),
    statusCode,
  );
}
