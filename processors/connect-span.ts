import type { ReadableSpan } from '@opentelemetry/sdk-trace';

const PG_SCOPE = '@opentelemetry/instrumentation-pg';
const PG_CONNECT_NAMES = new Set(['pg.connect', 'pg-pool.connect']);

/**
 * True for the spans that the pg instrumentation makes for getting a connection. They are left on, because without them a
 * query that waited for a full pool takes the span of whoever released the connection for its parent, and are dropped
 * before export.
 */
export function isPgConnectSpan(span: ReadableSpan): boolean {
  return PG_CONNECT_NAMES.has(span.name) && span.instrumentationScope.name === PG_SCOPE;
}
