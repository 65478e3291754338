import type { DatabaseClient, QueryGroup, StatementSource } from '../../core/types.ts';
import { bareName, firstTableOf, isIdentifier, modelName, rowName, rowsName, usableName, valuesName } from './names.ts';

/** The longest name of a column or table that a recommendation repeats: PostgreSQL has 63 characters, MySQL 64. */
const NAME_LENGTH_MAX = 64;
const QUALIFIED_LENGTH_MAX = 100;
const ID_COLUMNS = new Set(['id', '_id', 'uuid', 'guid', 'pk']);

/** How a database writes what recommendations need. */
export type SqlFamily = 'postgresql' | 'mysql' | 'mssql' | 'sqlite' | 'mongodb' | 'other';

/** A table in the words of code. */
export interface TableWords {
  /** As the database spells it, without schema and quotes. */
  readonly bare: string;
  /** `OrderLine`. */
  readonly model: string;
  /** `orderLine`. */
  readonly row: string;
  /** `orderLines`. */
  readonly rows: string;
  /** Its name is an identifier of JavaScript. */
  readonly isPlain: boolean;
}

/** What is known of a statement, ready to stand in a sentence. */
export interface StatementWords {
  readonly client: DatabaseClient | undefined;
  readonly family: SqlFamily;
  /** The table as SQL spells it; `undefined` when none or several are known. */
  readonly sqlTable: string | undefined;
  readonly table: TableWords | undefined;
  /** The column by which it picks rows, without quotes; `undefined` where several tables may have it. */
  readonly column: string | undefined;
  /** The same as SQL spells it. */
  readonly sqlColumn: string | undefined;
  /** Its WHERE has conditions beside the one on `column`, which the wording has to keep. */
  readonly filtersMore: boolean;
  /** `userIds`: a variable for all values of the column. */
  readonly values: string;
  /** One row for each value: it is looked up by its key. */
  readonly isLookup: boolean;
  /** The name of the relation from the source: `user`, or `orderLines`. */
  readonly relation: string | undefined;
  /** The table whose rows the statement follows, when more than the order shows it. */
  readonly source: TableWords | undefined;
}

/** Words with a table and a column. */
export type KnownWords = StatementWords & {
  readonly sqlTable: string;
  readonly table: TableWords;
  readonly column: string;
  readonly sqlColumn: string;
  readonly relation: string;
};

/** Puts what the group tells into words. A call site may know the client better than the group. */
export function wordsOfStatement(
  group: QueryGroup,
  { client = group.client, source }: { client?: DatabaseClient | undefined; source?: StatementSource | undefined } = {},
): StatementWords {
  const family = familyOf(group.system);
  const spelled = isOfOneTable(group) ? group.traits.tables[0] : undefined;
  const name = spelled === undefined ? undefined : usableName(bareName(spelled), NAME_LENGTH_MAX);
  const table = name === undefined ? undefined : tableWords(name);
  const column = table === undefined ? undefined : usableName(group.traits.filterColumn, NAME_LENGTH_MAX);
  const isLookup = column !== undefined && table !== undefined && isKey(column, table);
  const sourceName = source === undefined || source.proof === 'order' ? undefined : firstTableOf(source.summary);
  const sourceBare = sourceName === undefined ? undefined : usableName(bareName(sourceName), NAME_LENGTH_MAX);
  return {
    client: client ?? (family === 'mongodb' ? 'mongodb' : undefined),
    family,
    sqlTable: table === undefined ? undefined : usableName(sqlTableName(spelled ?? '', group), QUALIFIED_LENGTH_MAX),
    table,
    column,
    sqlColumn: column === undefined ? undefined : sqlName(column, family, group.text),
    filtersMore: column !== undefined && group.traits.filtersMore,
    values: column === undefined ? 'values' : valuesName(column),
    isLookup,
    relation: table === undefined ? undefined : isLookup ? table.row : table.rows,
    source: sourceBare === undefined || !isIdentifier(sourceBare) ? undefined : tableWords(sourceBare),
  };
}

/** True when table and column are known, so that SQL can be written. */
export function isKnown(words: StatementWords): words is KnownWords {
  return words.sqlTable !== undefined && words.column !== undefined;
}

/** True when table and column can stand in the code of an ORM as they are. */
export function isCode(words: KnownWords): boolean {
  return words.table.isPlain && isIdentifier(words.column);
}

/** `= ANY($1)` where arrays can be bound, `IN (…)` elsewhere; with `AND …` where the WHERE has more conditions. */
export function inList(words: KnownWords): string {
  const list = words.family === 'postgresql' ? '= ANY($1)' : 'IN (…)';
  return `${words.sqlColumn} ${list}${andMore(words)}`;
}

/** ` AND …` behind a condition in SQL, where the statement has more of them. */
export function andMore({ filtersMore }: StatementWords): string {
  return filtersMore ? ' AND …' : '';
}

/** `{ id: { in: ids } }`, with `, …` where the statement has more conditions. */
export function filterObject({ column, filtersMore }: KnownWords, value: string): string {
  return `{ ${column}: ${value}${filtersMore ? ', …' : ''} }`;
}

/** `.where(…)` behind a filter of a query builder, where the statement has more conditions. */
export function whereMore({ filtersMore }: StatementWords): string {
  return filtersMore ? '.where(…)' : '';
}

/** Drizzle's `inArray(…)`, within `and(…)` where the statement has more conditions. */
export function inArray({ table, column, values, filtersMore }: KnownWords): string {
  const list = `inArray(${table.bare}.${column}, ${values})`;
  return filtersMore ? `and(${list}, …)` : list;
}

/** True when all columns of the statement are those of one table: no other, no second alias, no SELECT within. */
function isOfOneTable({ summary, traits: { tables } }: QueryGroup): boolean {
  const [table] = tables;
  if (table === undefined || tables.length > 1) return false;
  if (summary.indexOf(` ${table}`) !== summary.lastIndexOf(` ${table}`)) return false;
  return !/^(?:with|select|insert|update|delete|replace) (?:.* )?(?:select|insert|update|delete) /i.test(`${summary} `);
}

function familyOf(system: string): SqlFamily {
  if (system === 'postgresql' || system === 'sqlite' || system === 'mongodb') return system;
  if (system === 'mysql' || system === 'mariadb') return 'mysql';
  return system === 'microsoft.sql_server' || system === 'mssql' ? 'mssql' : 'other';
}

function tableWords(bare: string): TableWords {
  return { bare, model: modelName(bare), row: rowName(bare), rows: rowsName(bare), isPlain: isIdentifier(bare) };
}

/** `id` of any table, and `user_id` or `userId` of `users`. */
function isKey(column: string, table: TableWords): boolean {
  const plain = column.toLowerCase();
  return ID_COLUMNS.has(plain) || plain.replaceAll('_', '') === `${table.row.toLowerCase()}id`;
}

/** A summary leaves out quotes that PostgreSQL needs for `"userId"`: they come back when the statement has them. */
function sqlTableName(spelled: string, group: QueryGroup): string {
  if (!/^[A-Za-z0-9_.]+$/.test(spelled)) return spelled;
  return spelled
    .split('.')
    .map((part) => sqlName(part, familyOf(group.system), group.text))
    .join('.');
}

function sqlName(name: string, family: SqlFamily, text: string): string {
  if (isIdentifier(name)) {
    const needsQuotes = family === 'postgresql' && name !== name.toLowerCase() && text.includes(`"${name}"`);
    return needsQuotes ? `"${name}"` : name;
  }
  if (family === 'mysql') return `\`${name.replaceAll('`', '``')}\``;
  return family === 'mssql' ? `[${name.replaceAll(']', ']]')}]` : `"${name.replaceAll('"', '""')}"`;
}
