import type { QueryGroup } from '../core/types.ts';

/** Lists of at least this many elements, on average, are batches, and what we would advise. */
const BATCH_LIST_MIN = 10;
/** A loop whose queries each return this many rows is a loop of lists. */
const LIST_ROWS_MIN = 50;

/** Reads the next rows of a query that was sent before: FETCH of SQL, getMore of MongoDB. */
export function isCursor({ text, summary }: QueryGroup): boolean {
  return text.slice(0, 6).toUpperCase() === 'FETCH ' || summary.slice(0, 7).toLowerCase() === 'getmore';
}

/** Calls a function and reads no table: `SELECT nextval($1)`. What it answers, and whether one call can do for many, nobody knows. */
export function callsFunction(group: QueryGroup): boolean {
  if (group.traits.tables.length > 0 || !isExactText(group)) return false;
  return group.text.slice(0, 6).toUpperCase() === 'SELECT';
}

/** Runs a procedure or a prepared statement: what that does, its text does not tell. */
export function callsProcedure({ text }: QueryGroup): boolean {
  const [word = ''] = text
    .slice(0, 8)
    .toUpperCase()
    .split(/[^A-Z]/, 1);
  return word === 'CALL' || word === 'EXEC' || word === 'EXECUTE';
}

/** False for a text that was cut, and for one that is no more than its summary: then clauses may be missing from it. */
export function isExactText(group: QueryGroup): boolean {
  return group.text !== group.summary && !group.text.endsWith('...');
}

/**
 * Queries that may have been sent only because the same one, or its transaction, had failed before. As many as failed, but
 * no more than repeated a set of values; and of each set as many as transactions were rolled back. Values that nobody saw
 * may have repeated.
 */
export function retryCount(group: QueryGroup, rollbackCount: number): number {
  const { errorCount, parameterSets, parametersUnknownCount } = group;
  if (errorCount === 0 && rollbackCount === 0) return 0;
  const repeats = parameterSets.reduce((sum, set) => sum + set.count - 1, parametersUnknownCount);
  const rolledBack = parameterSets.reduce(
    (sum, set) => sum + Math.min(set.count - 1, rollbackCount),
    Math.min(parametersUnknownCount, rollbackCount),
  );
  return Math.max(Math.min(errorCount, repeats), rolledBack);
}

/** Every repeat had the same values, and all of them were seen. */
export function hasOneParameterSet(group: QueryGroup): boolean {
  return group.parameterSets.length === 1 && group.parameterSets[0]?.count === group.count;
}

/** A write that never met its row as it expected it: `UPDATE … WHERE id = $1 AND version = $2`, tried again. */
export function isOptimisticRetry(group: QueryGroup): boolean {
  const { kind, summary, rowCount, rowCountKnown } = group;
  return kind === 'write' && summary.startsWith('UPDATE') && rowCountKnown > 0 && rowCount === 0;
}

/** Most of its queries are for a list: one statement for many rows. */
export function takesLists(group: QueryGroup): boolean {
  return group.batchCount * 2 > group.count;
}

/**
 * Chunks of a batch, which repeat on purpose. A list that nobody saw is taken for a long one, unless each read brought one
 * row at the most.
 */
export function isBatch(group: QueryGroup): boolean {
  if (takesLists(group)) return group.listSizeTotal >= BATCH_LIST_MIN * group.count;
  const isListSeen = group.listSizeTotal >= group.count;
  if (!group.takesList || isListSeen) return false;
  const isOneRowEach = group.rowCountKnown > 0 && group.rowCount <= group.rowCountKnown;
  return group.kind === 'write' || !isOneRowEach;
}

/** Pages of a list that is read on and on; not where each query brings one row at the most: that is a loop over rows. */
export function isPages(group: QueryGroup): boolean {
  return group.traits.paginates && !hasOneRowEach(group);
}

/** A long write that was cut into pieces on purpose: by a range of keys, or by a LIMIT; and a write of many rows each time. */
export function isChunkedWrite(group: QueryGroup): boolean {
  if (group.kind === 'read') return false;
  if (hasManyRowsEach(group)) return true;
  if (hasOneRowEach(group)) return false;
  const { picksRange, limited, filterColumn } = group.traits;
  // With a key, `LIMIT 1` is there for safety; without one, or with the same key each time, it cuts a piece off.
  return picksRange || (limited && (filterColumn === undefined || hasOneParameterSet(group)));
}

/** Each of its queries brought or changed one row at the most, as far as is known. */
function hasOneRowEach({ rowCountKnown, rowCountMax }: QueryGroup): boolean {
  return rowCountKnown > 0 && rowCountMax <= 1;
}

/** Each of its queries touches many rows, as far as is known. */
export function hasManyRowsEach(group: QueryGroup): boolean {
  return group.rowCountKnown > 0 && group.rowCount >= LIST_ROWS_MIN * group.rowCountKnown;
}
