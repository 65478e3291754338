import type { QueryGroup } from '../../core/types.ts';
import { adviceOf } from './sentence.ts';
import { isKnown, type StatementWords, wordsOfStatement } from './statement-words.ts';

/** What to do about a statement that takes long by itself: one or two sentences, at most 300 characters. */
export function adviseSlow(group: QueryGroup): string {
  const words = wordsOfStatement(group);
  const explain = explainOf(group, words);
  return adviceOf([`${explain}; ${checkOf(group, words)}.`, `${explain}.`]);
}

/** EXPLAIN ANALYZE runs the statement: a write changes rows. */
function explainOf({ kind, system }: QueryGroup, { family }: StatementWords): string {
  const isWrite = kind === 'write';
  switch (family) {
    case 'postgresql':
      return isWrite
        ? 'Run EXPLAIN (ANALYZE, BUFFERS) on it between BEGIN and ROLLBACK'
        : 'Run EXPLAIN (ANALYZE, BUFFERS) on it';
    case 'mysql':
      if (isWrite) return 'Run EXPLAIN on it';
      return system === 'mariadb' ? 'Run ANALYZE FORMAT=JSON on it' : 'Run EXPLAIN ANALYZE on it';
    case 'mssql':
      return `SET STATISTICS IO, TIME ON and run it${isWrite ? ' in a transaction that is rolled back' : ''}`;
    case 'sqlite':
      return 'Run EXPLAIN QUERY PLAN on it';
    case 'mongodb':
      return "Run it with explain('executionStats')";
    default:
      return 'Have the database EXPLAIN it';
  }
}

function checkOf(group: QueryGroup, words: StatementWords): string {
  const { family, table } = words;
  // Of several tables nobody knows which one is scanned, nor whose the column is.
  const isOneTable = group.traits.tables.length === 1;
  const sqlTable = isOneTable ? words.sqlTable : undefined;
  if (/^(?:insert|replace)\b/i.test(group.summary)) {
    const rows = sqlTable === undefined ? '' : ` of ${sqlTable}`;
    return `check triggers, foreign keys and indexes${rows}, and whether it waits for a lock`;
  }
  if (family === 'mongodb') {
    const rows = table === undefined ? 'the collection' : table.bare;
    return `a COLLSCAN asks for an index of ${rows} on the fields that it filters by`;
  }
  if (isOneTable && isKnown(words))
    return `check that there is an index that starts with ${words.sqlColumn} on ${words.sqlTable}`;
  if (readsWholeTable(group)) return `it has no WHERE and no LIMIT, so that it reads all of ${sqlTable ?? 'the table'}`;
  const rows = sqlTable === undefined ? '' : `, here ${sqlTable},`;
  const scan = family === 'postgresql' ? 'a sequential scan over' : 'a scan of';
  return `${scan} a large table${rows} asks for an index on its WHERE columns`;
}

function readsWholeTable({ kind, traits }: QueryGroup): boolean {
  return kind === 'read' && traits.tables.length === 1 && !traits.hasWhere && !traits.limited;
}
