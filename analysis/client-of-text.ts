import type { DatabaseClient } from '../core/types.ts';

const READ_LENGTH = 2000;
/** Names are bounded, so that no text makes a match take long. */
const NAME = '"([^"\\n]{1,64})"';

/**
 * The ORM that writes SQL in this style; `undefined` when in doubt, as for hand-written SQL. Looks at the first 2000
 * characters. Weaker than a call stack or a span's scope, so it is for texts of which nothing else is known. Knex is never
 * named: Kysely writes the same.
 */
export function clientOfText(text: string, system: string): DatabaseClient | undefined {
  if (system === 'mongodb' || system === 'redis') return undefined;
  const sql = withDoubleQuotes(text.slice(0, READ_LENGTH), system);
  if (/^(?:SELECT|INSERT|UPDATE|DELETE|WITH) /.test(sql)) return upperCaseClient(sql);
  return /^(?:select|insert|with) /.test(sql) ? lowerCaseClient(sql) : undefined;
}

function withDoubleQuotes(text: string, system: string): string {
  const plain = text.replaceAll('`', '"');
  return system === 'microsoft.sql_server' || system === 'mssql' ? plain.replaceAll(/[[\]]/g, '"') : plain;
}

/** A column in three parts, `public`.`User`.`id`, or the JSON that holds the rows of a relation. */
const PRISMA = new RegExp(String.raw`(?:${NAME}\.${NAME}\.${NAME})|__prisma_data__`);
/** SELECT `User`.`id` AS `User_id`: the alias is both names. */
const TYPEORM_COLUMN = new RegExp(String.raw`^SELECT (?:DISTINCT )?${NAME}\.${NAME} AS ${NAME}`);
/** No blank between the table and its columns. */
const TYPEORM_INSERT = new RegExp(String.raw`^INSERT INTO ${NAME}(?:\.${NAME})?\("`);
/** FROM `Users` AS `User` behind columns in quotes. */
const SEQUELIZE_SELECT = new RegExp(String.raw`^SELECT "[^\n]* FROM ${NAME}(?:\.${NAME})? AS ${NAME}`);
/** Its own two columns, without a blank; the table has no schema before it, as with Prisma's INSERT. */
const SEQUELIZE_WRITE = new RegExp(
  String.raw`^(?:INSERT INTO ${NAME} \([^()\n]{0,1500}"createdAt","updatedAt"[,)]|UPDATE ${NAME} SET [^\n]{0,1500}"updatedAt"=)`,
);

function upperCaseClient(sql: string): DatabaseClient | undefined {
  if (PRISMA.test(sql)) return 'prisma';
  const [, alias, column, name] = TYPEORM_COLUMN.exec(sql) ?? [];
  if (alias !== undefined && name === `${alias}_${column}`) return 'typeorm';
  if (TYPEORM_INSERT.test(sql)) return 'typeorm';
  const model = SEQUELIZE_SELECT.exec(sql)?.[3];
  // Others number their aliases: t0, t1.
  if (model !== undefined && !/^\w{1,2}\d*$/.test(model)) return 'sequelize';
  return SEQUELIZE_WRITE.test(sql) ? 'sequelize' : undefined;
}

/** from `users` as `u0`: an alias of one letter and a number. */
const NUMBERED_ALIAS = new RegExp(String.raw` from ${NAME}(?:\.${NAME})? as "([a-z])0"`);
/** from `users` `users`: the relational queries before version 1. */
const SAME_ALIAS = new RegExp(String.raw` from ${NAME} ${NAME}`);
/** select `id`, `name` from `users` where `users`.`id`: only the WHERE names the table. */
const QUALIFIED_WHERE = new RegExp(String.raw`^select ("[^.*\n]{1,1500}) from ${NAME} where \(?${NAME}\.`);
/** select `users`.* from `users` where `users`.`id`. */
const QUALIFIED_STAR = new RegExp(String.raw`^select ${NAME}\.\* from ${NAME} where ${NAME}\.`);

function lowerCaseClient(sql: string): DatabaseClient | undefined {
  const letter = NUMBERED_ALIAS.exec(sql)?.[3];
  if (letter !== undefined) return numberedAliasClient(sql, letter);
  const [, table, alias] = SAME_ALIAS.exec(sql) ?? [];
  if (table !== undefined && table === alias) return 'drizzle';
  const [, , from, where] = QUALIFIED_WHERE.exec(sql) ?? [];
  if (from !== undefined && from === where) return 'drizzle';
  const [, star, source, filtered] = QUALIFIED_STAR.exec(sql) ?? [];
  if (star !== undefined && star === source && star === filtered) return 'objection';
  return /^insert into "[^\n]{1,1500} values \((?:[^()\n]{1,500}, )?default[,)]/.test(sql) ? 'drizzle' : undefined;
}

/** MikroORM takes the entity's first letter, Drizzle `d` for all and repeats each column's name behind it. */
function numberedAliasClient(sql: string, letter: string): DatabaseClient | undefined {
  if (letter === 'd' && new RegExp(`^select "d0"\\.${NAME} as ${NAME}`).test(sql)) return 'drizzle';
  return sql.startsWith(`select "${letter}0".`) ? 'mikro-orm' : undefined;
}
