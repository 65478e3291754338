import type { ReadableSpan } from '@opentelemetry/sdk-trace';

const PG_SCOPE = '@opentelemetry/instrumentation-pg';
const CONNECT_NAMES = new Set(['pg.connect', 'pg-pool.connect']);

/**
 * True for the spans that the pg instrumentation makes for getting a connection. They are left on, because without them a
 * query that waited for a full pool takes the span of whoever released the connection for its parent, and are dropped here.
 */
export function isPgConnectSpan(span: ReadableSpan): boolean {
  return span.instrumentationScope.name === PG_SCOPE && CONNECT_NAMES.has(span.name);
}
