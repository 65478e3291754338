import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { AnalyzedRequest } from '../core/types.ts';
import type { QueryShape } from '../sql/index.ts';

/** What counts requests and queries for metrics. Every one is told, sampled or not. */
export interface RequestMetrics {
  /** `route` is the framework's, from the root span or from one nested in it. */
  addRequest(request: AnalyzedRequest, root: ReadableSpan, route: string | undefined): void;
  /** A query that has ended: one of a request, one that came after its request's end, or one without a request. */
  addQuery(query: ReadableSpan, system: string, shape: QueryShape): void;
}
