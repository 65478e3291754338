import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { DatabaseClient } from '../core/types.ts';

const CLIENTS: Readonly<Record<string, DatabaseClient>> = {
  '@opentelemetry/instrumentation-pg': 'pg',
  'slowpath-pg': 'pg',
  '@opentelemetry/instrumentation-mysql2': 'mysql2',
  '@opentelemetry/instrumentation-mysql': 'mysql',
  '@opentelemetry/instrumentation-knex': 'knex',
  '@opentelemetry/instrumentation-mongodb': 'mongodb',
  '@opentelemetry/instrumentation-mongoose': 'mongoose',
  '@opentelemetry/instrumentation-ioredis': 'ioredis',
  '@opentelemetry/instrumentation-redis': 'redis',
  prisma: 'prisma',
};

/** The ORM or driver whose instrumentation made the span. */
export function clientOf(span: ReadableSpan): DatabaseClient | undefined {
  return CLIENTS[span.instrumentationScope.name];
}
