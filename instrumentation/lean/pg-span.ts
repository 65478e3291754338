import { SpanKind, SpanStatusCode, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_POSTGRESQL_PLAN,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../core/semconv.ts';

/** The part of `pg.Client` that its spans tell of. */
export interface PgClient {
  readonly connectionParameters?: { readonly database?: unknown; readonly host?: unknown; readonly port?: unknown };
}

/** What `query` was given, as far as it could be read. */
export interface PgQuery {
  readonly text: string;
  readonly values: unknown;
  /** Of a prepared statement. */
  readonly name: string | undefined;
}

/** As OpenTelemetry's pg instrumentation names and describes it: https://opentelemetry.io/docs/specs/semconv/database/ */
export function startPgSpan(tracer: Tracer, client: PgClient, query: PgQuery | undefined): Span {
  const { database, host, port } = client.connectionParameters ?? {};
  const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: 'postgresql' };
  if (typeof database === 'string') attributes[ATTR_DB_NAMESPACE] = database;
  if (typeof host === 'string') attributes[ATTR_SERVER_ADDRESS] = host;
  if (Number.isInteger(port)) attributes[ATTR_SERVER_PORT] = port as number;
  if (query !== undefined && query.text !== '') attributes[ATTR_DB_QUERY_TEXT] = query.text;
  if (query?.name !== undefined) attributes[ATTR_DB_POSTGRESQL_PLAN] = query.name;
  return tracer.startSpan(nameOf(query, database), { kind: SpanKind.CLIENT, attributes });
}

function nameOf(query: PgQuery | undefined, database: unknown): string {
  if (query === undefined) return 'pg.query';
  const word = query.name === undefined || query.name === '' ? operationOf(query.text) : query.name;
  return typeof database === 'string' && database !== '' ? `pg.query:${word} ${database}` : `pg.query:${word}`;
}

function operationOf(text: string): string {
  const trimmed = text.trim();
  const space = trimmed.indexOf(' ');
  const word = (space === -1 ? trimmed : trimmed.slice(0, space)).toUpperCase();
  return word.endsWith(';') ? word.slice(0, -1) : word;
}

/** Marks the span as failed. Its event names the error's class and code: the message holds values of the statement. */
export function failPgSpan(span: Span, error: unknown): void {
  if (error instanceof Error) {
    const code = 'code' in error && error.code !== undefined && error.code !== null ? String(error.code) : 'UNKNOWN';
    span.recordException(`PostgreSQL error of type '${error.name}' occurred (code: ${code})`);
  }
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : undefined;
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
}
