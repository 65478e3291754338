/** A function that makes one row of many. */
export const AGGREGATE = 1;
/** A function that takes or gives back an advisory lock. */
export const ADVISORY_LOCK = 2;
/** A function that makes rows of the elements of an array or of JSON. */
export const LIST = 3;
/** A function that sets or tells the session something, and is called for that alone. */
export const SESSION = 4;

const aggregates = [
  ['count', 'sum', 'min', 'max', 'avg', 'every', 'bool_and', 'bool_or', 'bit_and', 'bit_or', 'count_big', 'total'],
  ['array_agg', 'json_agg', 'jsonb_agg', 'string_agg', 'json_object_agg', 'jsonb_object_agg', 'xmlagg', 'listagg'],
  ['group_concat', 'json_arrayagg', 'json_objectagg', 'json_group_array', 'json_group_object', 'stddev', 'variance'],
].flat();

const advisoryLocks = [
  ['pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared'],
  ['pg_try_advisory_lock', 'pg_try_advisory_lock_shared', 'pg_try_advisory_xact_lock'],
  ['pg_try_advisory_xact_lock_shared', 'pg_advisory_unlock', 'pg_advisory_unlock_shared', 'pg_advisory_unlock_all'],
  ['get_lock', 'release_lock'],
].flat();

const lists = [
  ['unnest', 'json_to_recordset', 'jsonb_to_recordset', 'json_populate_recordset', 'jsonb_populate_recordset'],
  ['json_array_elements', 'jsonb_array_elements', 'json_array_elements_text', 'jsonb_array_elements_text'],
  ['openjson', 'json_table', 'json_each'],
].flat();

const sessions = ['set_config', 'pg_notify'];

// By length, so that a name is compared with few others and nothing is cut out of the text.
const byLength = new Map<number, { readonly name: string; readonly kind: number }[]>();
for (const [names, kind] of [
  [aggregates, AGGREGATE],
  [advisoryLocks, ADVISORY_LOCK],
  [lists, LIST],
  [sessions, SESSION],
] as const) {
  for (const name of names) {
    const sameLength = byLength.get(name.length);
    if (sameLength === undefined) byLength.set(name.length, [{ name, kind }]);
    else sameLength.push({ name, kind });
  }
}

/** AGGREGATE and its kin if the name that stands in `sql` from `start` to `end`, in any case, is such a function; or 0. */
export function callKind(sql: string, start: number, end: number): number {
  const sameLength = byLength.get(end - start);
  if (sameLength === undefined) return 0;
  for (const { name, kind } of sameLength) if (readsAs(sql, start, name)) return kind;
  return 0;
}

/** Whether `word`, in lower case, stands at `start`, in any case. */
export function readsAs(sql: string, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const unit = sql.charCodeAt(start + i);
    if ((unit >= 65 && unit <= 90 ? unit | 32 : unit) !== word.charCodeAt(i)) return false;
  }
  return true;
}
