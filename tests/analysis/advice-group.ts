import type {
  DatabaseClient,
  QueryFingerprint,
  QueryGroup,
  StatementSource,
  StatementTraits,
} from '../../core/types.ts';
import { NO_TRAITS } from '../../sql/index.ts';
import { spanIdOf } from './query-event.ts';

/** A group of ten reads `SELECT … FROM users WHERE id = $1`, with the given parts. */
export function adviceGroup({
  traits = {},
  ...parts
}: Partial<Omit<QueryGroup, 'traits'>> & { readonly traits?: Partial<StatementTraits> } = {}): QueryGroup {
  return {
    system: 'postgresql',
    namespace: '',
    fingerprint: 'users' as QueryFingerprint,
    text: 'SELECT name FROM users WHERE id = $1',
    summary: 'SELECT users',
    kind: 'read',
    takesList: false,
    client: undefined,
    callSite: undefined,
    count: 10,
    errorCount: 0,
    totalMs: 10,
    durationsMs: Array.from({ length: 10 }, () => 1),
    durationMsMin: 1,
    durationMsMax: 1,
    slowCount: 0,
    slowTotalMs: 0,
    firstStartMs: 0,
    firstEndMs: 1,
    lastEndMs: 10,
    startsKnown: true,
    unionMs: 10,
    overlapCount: 0,
    parameterSets: [],
    parameterSetsDropped: 0,
    parametersUnknownCount: 10,
    rowCount: 0,
    rowCountKnown: 0,
    rowCountMax: 0,
    durationMsOfMostRows: 0,
    transactionCount: 0,
    listSizeTotal: 0,
    batchCount: 0,
    precedingGroup: -1,
    spanIds: [spanIdOf(1)],
    slowestSpanId: spanIdOf(1),
    ...parts,
    traits: { ...NO_TRAITS, tables: ['users'], filterColumn: 'id', hasWhere: true, ...traits },
  };
}

/** The query whose rows a loop follows. */
export function sourceOf(summary: string, proof: StatementSource['proof'] = 'rows'): StatementSource {
  return { text: '', summary, queryFingerprint: 'source' as QueryFingerprint, rowCount: 10, proof };
}

/** All clients that speak to a database with tables or collections. */
export const CLIENTS: readonly DatabaseClient[] = [
  'pg',
  'mysql2',
  'mysql',
  'knex',
  'objection',
  'drizzle',
  'sequelize',
  'typeorm',
  'prisma',
  'mikro-orm',
  'mongoose',
  'mongodb',
];

/** The system that such a client would speak to. */
export function systemOf(client: DatabaseClient | undefined): string {
  if (client === 'mongoose' || client === 'mongodb') return 'mongodb';
  return client === 'mysql2' || client === 'mysql' ? 'mysql' : 'postgresql';
}
