import type { DatabaseClient, QueryGroup } from '../../core/types.ts';
import { adviceOf } from './sentence.ts';
import { type SqlFamily, wordsOfStatement } from './statement-words.ts';

/**
 * How to bound the rows of a read: a page that starts after the last one, or a stream where all rows are needed. One or two
 * sentences, at most 300 characters.
 */
export function adviseUnbounded(group: QueryGroup, client: DatabaseClient | undefined = group.client): string {
  const { sqlTable, family } = wordsOfStatement(group, { client });
  const rows = sqlTable === undefined ? 'it' : sqlTable;
  const page = (client && PAGES[client]) ?? pageIn(family);
  const stream = (client && STREAMS[client]) ?? 'read all of it, where that is needed, with a cursor or a stream';
  return adviceOf(
    [`Load ${rows} page by page, each from the last key on: ${page}.`],
    [stream, group.traits.selectsStar && 'name the columns that are needed instead of *'],
  );
}

function pageIn(family: SqlFamily): string {
  if (family === 'mssql') return '`SELECT TOP (n) … WHERE key > @last ORDER BY key`';
  if (family === 'mongodb') return '`find({ _id: { $gt: last } }).sort({ _id: 1 }).limit(n)`';
  const [last, limit] = family === 'postgresql' ? ['$1', '$2'] : ['?', '?'];
  return `\`WHERE key > ${last} ORDER BY key LIMIT ${limit}\``;
}

const PAGES: Readonly<Partial<Record<DatabaseClient, string>>> = {
  prisma: '`findMany({ take, skip: 1, cursor, orderBy })`',
  drizzle: '`.where(gt(key, last)).orderBy(key).limit(n)`',
  typeorm: '`find({ where: { key: MoreThan(last) }, order, take })`',
  sequelize: '`findAll({ where: { key: { [Op.gt]: last } }, order, limit })`',
  knex: "`.where('key', '>', last).orderBy('key').limit(n)`",
  objection: "`.where('key', '>', last).orderBy('key').limit(n)`",
  'mikro-orm': '`em.findByCursor()` with `first`, `after` and `orderBy`',
  mongoose: '`find({ _id: { $gt: last } }).sort({ _id: 1 }).limit(n)`',
  mongodb: '`find({ _id: { $gt: last } }).sort({ _id: 1 }).limit(n)`',
};

const STREAMS: Readonly<Partial<Record<DatabaseClient, string>>> = {
  pg: 'where all rows are needed, read them with pg-query-stream or pg-cursor',
  mysql2: 'where all rows are needed, read them with `connection.query(…).stream()` of the callback API',
  mysql: 'where all rows are needed, read them with `query(…).stream()`',
  knex: 'where all rows are needed, read them with `.stream()`',
  objection: 'where all rows are needed, read them with `.toKnexQuery().stream()`',
  typeorm: 'where all rows are needed, read them with `.stream()` of a query builder',
  prisma: 'where all rows are needed, go through the pages: Prisma has no stream',
  drizzle: 'where all rows are needed, go through the pages',
  sequelize: 'where all rows are needed, go through the pages: Sequelize has no stream',
  'mikro-orm': 'where all rows are needed, go through the pages and call `em.clear()` after each',
  mongoose: 'where all documents are needed, read them with `.lean().cursor()`',
  mongodb: 'where all documents are needed, iterate the cursor instead of `toArray()`',
};
