import { packageName } from './instrumentation-config.ts';

/** Instrumentations whose patch means that queries are seen from then on. */
const DATABASE_INSTRUMENTATIONS = new Set(
  ['pg', 'mysql', 'mysql2', 'mongodb', 'mongoose', 'knex', 'tedious', 'oracledb', 'cassandra-driver'].map(packageName),
);

/** True when this instrumentation sees queries. */
export function observesQueries(instrumentationName: string): boolean {
  return DATABASE_INSTRUMENTATIONS.has(instrumentationName);
}
