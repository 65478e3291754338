import type { DatabaseClient } from '../../core/types.ts';
import {
  andMore,
  filterObject,
  inArray,
  inList,
  isCode,
  isKnown,
  type KnownWords,
  type StatementWords,
  whereMore,
} from './statement-words.ts';

/** One query for all rows of a loop that picks them by a column: the best wording first, one that always fits last. */
export function adviseLookups(words: StatementWords): readonly (string | undefined)[] {
  if (!isKnown(words)) return [withoutColumn(words), GENERAL];
  const inClient = isCode(words) && words.client !== undefined ? IN_CLIENT[words.client]?.(words) : undefined;
  return [
    inClient,
    words.family === 'mongodb' ? withoutColumn(words) : inSql(words),
    `Load all rows in one query: \`… FROM ${words.sqlTable} WHERE ${inList(words)}\`.`,
  ];
}

const GENERAL = 'Load all rows in one query (a JOIN, or a list of all values in its WHERE) and look them up in a Map.';

/** By several columns, or by none that is known. */
function withoutColumn({ client, family, sqlTable, table, source }: StatementWords): string | undefined {
  if (sqlTable === undefined || table === undefined) return undefined;
  if (client === 'mongoose' || client === 'mongodb' || family === 'mongodb') {
    const join = client === 'mongoose' ? '`populate()` on the query before' : '`$lookup`';
    return `Load all documents of ${table.bare} in one query: \`$in\` with all values of the field it filters by, or ${join}.`;
  }
  const eager = client === undefined ? undefined : EAGER[client];
  const join = eager ?? (source === undefined ? 'a JOIN' : `a JOIN with ${source.bare}`);
  return `Load all rows of ${sqlTable} in one query (${join}, or a list of all values in its WHERE) and look them up in a Map.`;
}

const EAGER: Readonly<Partial<Record<DatabaseClient, string>>> = {
  prisma: '`include` in the query before',
  drizzle: '`with` in the query before',
  typeorm: '`relations` in the query before',
  sequelize: '`include` in the query before',
  objection: '`withGraphFetched()` in the query before',
  'mikro-orm': '`em.populate()` after the query before',
};

function inSql(words: KnownWords): string {
  const { sqlTable, sqlColumn, values, family, source } = words;
  const join = source === undefined ? '' : `; or JOIN it to ${source.bare}`;
  const list = family === 'postgresql' ? `with an array of all ${values}` : `with all ${values} in the list`;
  return `Load all rows in one query, \`SELECT … FROM ${sqlTable} WHERE ${inList(words)}\` ${list}, and ${toMap(words, sqlColumn)}${join}.`;
}

function toMap({ isLookup }: KnownWords, column: string): string {
  return isLookup ? `look them up in a Map by ${column}` : `group them by ${column} in a Map`;
}

/** `Order.findAll({ include: User })`, or a hint at the query that loads the rows of the loop. */
function onSource(
  words: KnownWords,
  code: (source: NonNullable<StatementWords['source']>) => string,
  option: string,
): string {
  return words.source === undefined ? `\`${option}\` in the query before the loop` : `\`${code(words.source)}\``;
}

/** With mysql2 and mysql `?` takes an array only in `query()`; `execute()` prepares, and binds one value. */
function inMysql(words: KnownWords): string {
  const { sqlTable, sqlColumn, values, client, source } = words;
  const more = andMore(words);
  const join = source === undefined ? '' : `; or JOIN it to ${source.bare}`;
  const caution = client === 'mysql2' ? ' (`execute()` takes no array)' : '';
  return `Load all rows in one query, \`pool.query('SELECT … FROM ${sqlTable} WHERE ${sqlColumn} IN (?)${more}', [${values}])\`${caution}, and ${toMap(words, words.column)}${join}.`;
}

const IN_CLIENT: Readonly<Partial<Record<DatabaseClient, (words: KnownWords) => string>>> = {
  pg: inSql,
  mysql2: inMysql,
  mysql: inMysql,
  prisma: (words) => {
    const { table, values, relation } = words;
    const include = `include: { ${relation}: true }`;
    const join = onSource(words, ({ row }) => `prisma.${row}.findMany({ ${include} })`, include);
    return `Load them together: ${join}, or \`prisma.${table.row}.findMany({ where: ${filterObject(words, `{ in: ${values} }`)} })\`.`;
  },
  drizzle: (words) => {
    const { table, relation } = words;
    const option = `with: { ${relation}: true }`;
    const join = onSource(words, ({ bare }) => `db.query.${bare}.findMany({ ${option} })`, option);
    return `Load them together: ${join}, or \`db.select().from(${table.bare}).where(${inArray(words)})\`.`;
  },
  typeorm: (words) => {
    const { table, values, relation } = words;
    const option = `relations: { ${relation}: true }`;
    const join = words.source === undefined ? 'the query before the loop' : `the find() of ${words.source.model}`;
    return `Load them together: \`${option}\` in ${join}, or \`findBy(${filterObject(words, `In(${values})`)})\` on ${table.model}.`;
  },
  sequelize: (words) => {
    const { table, values } = words;
    const option = `include: ${table.model}`;
    const join = onSource(words, ({ model }) => `${model}.findAll({ ${option} })`, option);
    return `Load them together: ${join}, or \`${table.model}.findAll({ where: ${filterObject(words, values)} })\`.`;
  },
  knex: (words) => {
    const { table, column, values, source } = words;
    const join = source === undefined ? '' : `; or join it to ${source.bare}`;
    return `Load all rows in one query, \`knex('${table.bare}').whereIn('${column}', ${values})${whereMore(words)}\`, and ${toMap(words, column)}${join}.`;
  },
  objection: (words) => {
    const { table, column, values, relation } = words;
    const option = `withGraphFetched('${relation}')`;
    const join = onSource(words, ({ model }) => `${model}.query().${option}`, option);
    return `Load them together: ${join}, or \`${table.model}.query().whereIn('${column}', ${values})${whereMore(words)}\`.`;
  },
  'mikro-orm': (words) => {
    const { table, values, relation, source } = words;
    const rows = source === undefined ? 'entities' : source.rows;
    return `Load them together: \`em.populate(${rows}, ['${relation}'])\`, or \`em.find(${table.model}, ${filterObject(words, `{ $in: ${values} }`)})\`.`;
  },
  mongoose: (words) => {
    const { table, values, relation } = words;
    const option = `populate('${relation}')`;
    const join = onSource(words, ({ model }) => `${model}.find().${option}`, option);
    return `Load them together: ${join}, or \`${table.model}.find(${filterObject(words, `{ $in: ${values} }`)})\`.`;
  },
  mongodb: (words) => {
    const { table, column, values } = words;
    return `Load all documents in one query, \`db.collection('${table.bare}').find(${filterObject(words, `{ $in: ${values} }`)})\`, and ${toMap(words, column)}; or use \`$lookup\`.`;
  },
};
