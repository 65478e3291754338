import type { DatabaseClient, QueryGroup } from '../../core/types.ts';
import {
  filterObject,
  inArray,
  inList,
  isCode,
  isKnown,
  type KnownWords,
  type StatementWords,
  whereMore,
} from './statement-words.ts';

type InClient = Readonly<Partial<Record<DatabaseClient, (words: KnownWords) => string>>>;

/** A count, sum, minimum or maximum for each row: one statement with GROUP BY. */
export function adviseAggregates(words: StatementWords, { text, traits }: QueryGroup): readonly (string | undefined)[] {
  if (!isKnown(words)) {
    const rows = words.sqlTable === undefined ? '' : ` of ${words.sqlTable}`;
    return [`Compute it for all rows${rows} in one statement: GROUP BY the columns that it filters by.`];
  }
  const { sqlTable, sqlColumn } = words;
  if (traits.grouped || /\bhaving\b/i.test(text)) {
    return [
      `Compute it for all rows of ${sqlTable} in one statement: \`WHERE ${inList(words)}\`, with ${sqlColumn} added to its select list and its GROUP BY, and look the results up in a Map.`,
      `Add ${sqlColumn} to its GROUP BY, in one statement on ${sqlTable}.`,
    ];
  }
  const isCount = isPlainCount(text);
  const list = isCount ? `${sqlColumn}, count(*)` : `${sqlColumn}, …`;
  const sql = `SELECT ${list} FROM ${sqlTable} WHERE ${inList(words)} GROUP BY ${sqlColumn}`;
  return [
    isCount ? inClient(COUNTS, words) : undefined,
    `Compute it for all rows in one statement: \`${sql}\`, and look the results up in a Map by ${sqlColumn}.`,
    `GROUP BY ${sqlColumn} in one statement on ${sqlTable}.`,
  ];
}

/** The first or last rows for each row: `ORDER BY … LIMIT 1` in a loop. */
export function adviseFirstRows(words: StatementWords): readonly (string | undefined)[] {
  const how = words.family === 'postgresql' ? 'DISTINCT ON or a LATERAL join' : 'ROW_NUMBER() OVER (PARTITION BY …)';
  if (!isKnown(words)) {
    const rows = words.sqlTable === undefined ? 'the first rows' : `the first rows of ${words.sqlTable}`;
    return [`Load ${rows} for all values in one statement, with ${how}.`];
  }
  const { sqlTable, sqlColumn, family } = words;
  const sql =
    family === 'postgresql'
      ? `\`SELECT DISTINCT ON (${sqlColumn}) … FROM ${sqlTable} WHERE ${inList(words)} ORDER BY ${sqlColumn}, …\`; for more than one row of each, JOIN LATERAL with the LIMIT`
      : `\`ROW_NUMBER() OVER (PARTITION BY ${sqlColumn} ORDER BY …)\` over \`${sqlTable} WHERE ${inList(words)}\`, and keep the first of each`;
  return [
    inClient(FIRST_ROWS, words),
    `Load the first rows of all in one statement: ${sql}.`,
    `Load the first rows of ${sqlTable} by ${sqlColumn} in one statement, with ${how}.`,
  ];
}

/** Rows that are locked one by one: two requests that lock them in different orders wait for each other for ever. */
export function adviseLocks(words: StatementWords): readonly (string | undefined)[] {
  const why = 'so that two requests cannot deadlock';
  if (!isKnown(words)) {
    const rows = words.sqlTable === undefined ? 'all rows' : `all rows of ${words.sqlTable}`;
    return [`Lock ${rows} in one statement with an ORDER BY, ${why}.`];
  }
  const { sqlTable, sqlColumn, family } = words;
  const sql =
    family === 'mssql'
      ? `SELECT … FROM ${sqlTable} WITH (UPDLOCK, ROWLOCK) WHERE ${inList(words)} ORDER BY ${sqlColumn}`
      : `SELECT … FROM ${sqlTable} WHERE ${inList(words)} ORDER BY ${sqlColumn} FOR UPDATE`;
  const call = words.client === undefined ? undefined : LOCK_CALLS[words.client];
  return [
    call && `Lock all rows in one statement, in a fixed order ${why}: \`${sql}\` (${call}).`,
    `Lock all rows in one statement, in a fixed order ${why}: \`${sql}\`.`,
    `Lock all rows of ${sqlTable} in one statement, ORDER BY ${sqlColumn}.`,
  ];
}

/** `SELECT count(*) FROM …`, and nothing else in its select list: no count of a column's values, no sum beside it. */
function isPlainCount(text: string): boolean {
  return /^select count ?\( ?[*?1] ?\)(?:::\w+)?(?: as \S+| "\w+")? from /i.test(text);
}

function inClient(table: InClient, words: KnownWords): string | undefined {
  return words.client === undefined || !isCode(words) ? undefined : table[words.client]?.(words);
}

const LOCK_CALLS: Readonly<Partial<Record<DatabaseClient, string>>> = {
  prisma: 'with `$queryRaw`',
  drizzle: "`.for('update')`",
  knex: '`.forUpdate()`',
  objection: '`.forUpdate()`',
  sequelize: '`lock: true`',
  typeorm: "`setLock('pessimistic_write')`",
  'mikro-orm': '`lockMode: LockMode.PESSIMISTIC_WRITE`',
};

const COUNTS: InClient = {
  prisma: (words) => {
    const { table, column, values, filtersMore } = words;
    const include = filtersMore ? '' : ', or `include: { _count: true }` in the query before the loop';
    return `Count for all rows in one query: \`prisma.${table.row}.groupBy({ by: ['${column}'], where: ${filterObject(words, `{ in: ${values} }`)}, _count: true })\`${include}.`;
  },
  drizzle: (words) => {
    const { bare } = words.table;
    const { column } = words;
    return `Count for all rows in one query: \`db.select({ ${column}: ${bare}.${column}, n: count() }).from(${bare}).where(${inArray(words)}).groupBy(${bare}.${column})\`.`;
  },
  knex: (words) => countInBuilder(words, `knex('${words.table.bare}')`),
  objection: (words) => countInBuilder(words, `${words.table.model}.query()`),
  sequelize: (words) =>
    `Count for all rows in one query: \`${words.table.model}.count({ where: ${filterObject(words, words.values)}, group: ['${words.column}'] })\`.`,
};

function countInBuilder(words: KnownWords, builder: string): string {
  const { column, values } = words;
  return `Count for all rows in one query: \`${builder}.select('${column}').count().whereIn('${column}', ${values})${whereMore(words)}.groupBy('${column}')\`.`;
}

const FIRST_ROWS: InClient = {
  prisma: ({ relation, column, table }) =>
    `Load the first rows of all together: \`include: { ${relation}: { orderBy: …, take: … } }\` in the query before the loop; it limits the rows of ${table.bare} for each ${column}.`,
  drizzle: ({ relation, column, table }) =>
    `Load the first rows of all together: \`with: { ${relation}: { orderBy: …, limit: … } }\` in the query before the loop; it limits the rows of ${table.bare} for each ${column}.`,
  sequelize: ({ table, column }) =>
    `Load the first rows of all together: \`include: { model: ${table.model}, separate: true, order: …, limit: … }\` in the query before the loop; it limits the rows for each ${column}.`,
};
