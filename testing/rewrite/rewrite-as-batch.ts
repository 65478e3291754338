import type { SelectStmt } from 'libpg-query';
import { K } from '../../sql/keywords.ts';
import { findKeyComparison, type KeyComparison } from './key-comparison.ts';
import { ADDED_KEY, keyInSelectList } from './key-in-select-list.ts';
import { dropLimit } from './drop-limit.ts';
import { loadPostgresParser } from './postgres-parser.ts';
import { type Edit, SourceText } from './source-text.ts';
import { columnPath, nodeOf, nodesBelow } from './tree.ts';
import { whyRefused } from './why-refused.ts';

/** A lookup of one key, rewritten for many. */
export interface BatchRewrite {
  readonly sql: string;
  /** The column of the result by which rows are told apart. */
  readonly keyColumn: string;
  /** The parameter that takes an array of keys: 1 for `$1`. The others keep their values. */
  readonly keyParameter: number;
  /** How many parameters it has. One less than the lookup had if that ended in `LIMIT $n`. */
  readonly parameterCount: number;
}

/** A statement that is not rewritten, and why, without its values. */
export interface RefusedRewrite {
  readonly refused: string;
}

/** What the text of a lookup does not say. */
export interface RewriteOptions {
  /** Which parameter varies from call to call: 1 for `$1`. Needed where several are compared with a column. */
  readonly parameter?: number;
  /** Each key finds one row at the most, so that `LIMIT 1` may go. */
  readonly oneRowPerKey?: boolean;
}

/**
 * Rewrites a lookup that runs once per key, `… WHERE id = $1`, as one statement for all keys, `… WHERE id = ANY($1)`,
 * whose rows can be told apart by their key. PostgreSQL only. The text stays as it is but for that comparison, a LIMIT
 * that is not needed, and the key's column, which is added where the result lacks it. Refuses whatever is not certain.
 * @throws {SetupError} SLOWPATH_LIBPG_QUERY_MISSING if the package `libpg-query` is not installed.
 * @example
 * await rewriteAsBatch('SELECT name FROM users WHERE id = $1')
 * // { sql: 'SELECT name, id FROM users WHERE id = ANY($1)', keyColumn: 'id', keyParameter: 1, … }
 */
export async function rewriteAsBatch(
  sql: string,
  options: RewriteOptions = {},
): Promise<BatchRewrite | RefusedRewrite> {
  const parse = await loadPostgresParser();
  const statements = await parse(sql);
  if (statements === undefined) return { refused: 'PostgreSQL does not read it' };
  if (statements.length !== 1) return { refused: 'it is not one statement' };
  const select = nodeOf(statements[0], 'SelectStmt');
  if (select === undefined) return { refused: 'it is not a SELECT' };
  const refused = whyRefused(select);
  if (refused !== undefined) return { refused };
  const comparison = findKeyComparison(select, options.parameter);
  if (typeof comparison === 'string') return { refused: comparison };
  const rewrite = edit(new SourceText(sql), select, comparison, options.oneRowPerKey === true);
  // The tree was read by PostgreSQL's grammar and so must be what was made of it.
  if ('sql' in rewrite && (await parse(rewrite.sql))?.length !== 1) return { refused: UNUSUAL };
  return rewrite;
}

const UNUSUAL = 'the comparison or the FROM clause is written in a way that the rewrite does not know';

function edit(
  source: SourceText,
  select: SelectStmt,
  comparison: KeyComparison,
  oneRowPerKey: boolean,
): BatchRewrite | RefusedRewrite {
  const { tokens } = source;
  if (!source.isReadable) return { refused: UNUSUAL };
  const limit = dropLimit(source, select, oneRowPerKey);
  if (typeof limit === 'string') return { refused: limit };
  const batched = compareWithAny(source, comparison);
  const from = source.fromBefore(firstTable(source, select));
  if (batched === undefined || from <= 0) return { refused: UNUSUAL };
  const { name, change } = keyInSelectList(select, comparison.column);
  const column = columnText(source, comparison);
  const added = change === 'add-renamed' ? `, ${column} AS ${ADDED_KEY}` : `, ${column}`;
  const at = tokens.end(from - 1);
  const addition = change === 'none' ? [] : [{ start: at, end: at, text: added }];
  return {
    sql: source.edited([...addition, batched, ...limit.edits]),
    keyColumn: name,
    keyParameter: comparison.parameter.number ?? 0,
    parameterCount: limit.parameterCount,
  };
}

/** `id = $1` becomes `id = ANY($1)`, `$1 = id` as well; `$1::uuid` becomes `ANY($1::uuid[])`. */
function compareWithAny(source: SourceText, comparison: KeyComparison): Edit | undefined {
  const { tokens } = source;
  const { expression, parameter, typeLocation, columnIsLeft } = comparison;
  const operator = source.tokenAt(expression.location);
  const first = source.tokenAt(parameter.location);
  // The type is one word: of `timestamp with time zone`, `numeric(10, 2)` and `CAST($1 AS uuid)` the end is not in the tree.
  const last = typeLocation === undefined ? first : first + 2;
  if (operator === -1 || first === -1) return undefined;
  if (typeLocation !== undefined && (source.tokenAt(typeLocation) !== last || !endsType(source, last + 1)))
    return undefined;
  const any = `ANY(${source.textOf(first, last)}${typeLocation === undefined ? '' : '[]'})`;
  if (columnIsLeft) {
    if (first !== operator + 1) return undefined;
    return { start: tokens.start(first), end: tokens.end(last), text: any };
  }
  const column = source.tokenAt(comparison.column.location);
  if (last !== operator - 1 || column !== operator + 1) return undefined;
  const text = columnText(source, comparison);
  return { start: tokens.start(first), end: tokens.start(column) + text.length, text: `${text} = ${any}` };
}

const endings: readonly number[] = [K.and, K.order, K.limit];
const closing: readonly number[] = [41, 59, 61];

function endsType(source: SourceText, i: number): boolean {
  const { tokens } = source;
  return i >= tokens.count || endings.includes(tokens.keyword(i)) || closing.includes(tokens.symbol(i));
}

function columnText(source: SourceText, { column }: KeyComparison): string {
  const first = source.tokenAt(column.location);
  return source.textOf(first, first + 2 * ((columnPath(column)?.length ?? 1) - 1));
}

function firstTable(source: SourceText, select: SelectStmt): number {
  const tables = [...nodesBelow(select.fromClause)].filter(({ kind }) => kind === 'RangeVar');
  return Math.min(...tables.map(({ fields }) => source.tokenAt(Number(fields['location'] ?? 0))));
}
