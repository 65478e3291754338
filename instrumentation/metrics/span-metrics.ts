import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { FaultLog } from '../../core/fault-log.ts';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_SCHEME,
} from '../../core/semconv.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import type { HttpRequestFacts, MetricStore } from '../../monitor/metric-store.ts';
import { stringAttribute, toMs } from '../../processors/read-span.ts';
import type { RequestMetrics } from '../../processors/request-metrics.ts';
import type { QueryShape } from '../../sql/index.ts';

const UNKNOWN_ERROR = '_OTHER';
/** A class, a code or a status; a sentence would be a message, which may hold a value. */
const ERROR_TYPE = /^[\w.:$/-]{1,64}$/;

/** Reads from ending spans what the metrics of their requests and queries are told by. Never throws. */
export class SpanMetrics implements RequestMetrics {
  readonly #store: MetricStore;
  readonly #faults: FaultLog;

  constructor(store: MetricStore, faults: FaultLog) {
    this.#store = store;
    this.#faults = faults;
  }

  addRequest(request: AnalyzedRequest, root: ReadableSpan, route: string | undefined): void {
    try {
      this.#store.addRequest(request, httpFacts(request, root, route));
    } catch (thrown) {
      this.#faults.caught('request metrics', thrown);
    }
  }

  addQuery(query: ReadableSpan, system: string, shape: QueryShape): void {
    try {
      const namespace = stringAttribute(query, ATTR_DB_NAMESPACE) ?? '';
      this.#store.addQuery(
        system,
        namespace,
        shape.fingerprint,
        shape.summary,
        toMs(query.duration),
        queryErrorType(query),
      );
    } catch (thrown) {
      this.#faults.caught('query metrics', thrown);
    }
  }
}

function httpFacts(
  request: AnalyzedRequest,
  root: ReadableSpan,
  route: string | undefined,
): HttpRequestFacts | undefined {
  // The endpoint begins with the method, one of the known ones or `_OTHER`; `rpc` is none.
  const method = request.endpoint.slice(0, request.endpoint.indexOf(' '));
  if (request.kind !== 'http' || method === 'rpc') return undefined;
  return {
    method,
    route: route === '' ? undefined : route,
    scheme: stringAttribute(root, ATTR_URL_SCHEME) ?? stringAttribute(root, 'http.scheme') ?? 'http',
    protocolVersion: stringAttribute(root, ATTR_NETWORK_PROTOCOL_VERSION),
    errorType: requestErrorType(request, root),
  };
}

function requestErrorType({ failed, statusCode }: AnalyzedRequest, root: ReadableSpan): string | undefined {
  if (!failed) return undefined;
  return statusCode >= 500 ? String(statusCode) : errorTypeOf(stringAttribute(root, ATTR_ERROR_TYPE));
}

function queryErrorType(query: ReadableSpan): string | undefined {
  if (query.status.code !== SpanStatusCode.ERROR) return undefined;
  return errorTypeOf(stringAttribute(query, ATTR_ERROR_TYPE) ?? stringAttribute(query, ATTR_DB_RESPONSE_STATUS_CODE));
}

function errorTypeOf(text: string | undefined): string {
  return text !== undefined && ERROR_TYPE.test(text) ? text : UNKNOWN_ERROR;
}
