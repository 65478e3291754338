import type { DatabaseClient, QueryGroup } from '../../core/types.ts';
import {
  andMore,
  filterObject,
  inArray,
  inList,
  isCode,
  isKnown,
  type KnownWords,
  type StatementWords,
  type TableWords,
  whereMore,
} from './statement-words.ts';

type Operation = 'insert' | 'update' | 'delete';

/** A write whose table is known. An INSERT needs no column. */
interface Write extends StatementWords {
  readonly table: TableWords;
  readonly sqlTable: string;
}

/** One statement for all rows that a loop writes: the best wording first, one that always fits last. */
export function adviseWrites(group: QueryGroup, words: StatementWords): readonly (string | undefined)[] {
  const operation = operationOf(group.summary);
  if (operation === 'insert' && isFromSelect(group))
    return ['Insert all rows in one statement: one SELECT for all values.'];
  if (operation === undefined) return [GENERAL];
  if (operation === 'insert') return hasTable(words) ? adviseInsert(group, words) : [GENERAL];
  if (!isKnown(words)) {
    const rows = words.sqlTable === undefined ? '' : ` to ${words.sqlTable}`;
    const verb = operation === 'update' ? 'update' : 'delete';
    const unit = words.family === 'mongodb' ? 'call' : 'statement';
    return [`Send one ${verb}${rows} instead of one for each row: a ${unit} whose conditions take all sets of values.`];
  }
  const code = isCode(words) && words.client !== undefined ? words.client : undefined;
  const short = `WHERE ${inList(words)}`;
  if (operation === 'delete') {
    return [
      code && deleteInClient(code, words),
      `Delete all rows in one statement: \`DELETE FROM ${words.sqlTable} ${short}\`.`,
    ];
  }
  return [
    code && UPDATES[code]?.(words),
    update(words),
    `Update all rows of ${words.sqlTable} in one statement: \`${short}\`.`,
  ];
}

const GENERAL = 'Write the rows in one statement (multi-row INSERT, UPDATE or DELETE for a list of keys).';

function isFromSelect({ summary }: QueryGroup): boolean {
  return / select(?: |$)/i.test(summary);
}

/** What an INSERT does with a row that is there already, in the words of SQL; an ORM would have to be told in its own. */
interface InsertVerb {
  /** `INSERT INTO`, `INSERT IGNORE INTO`, `REPLACE INTO`. */
  readonly verb: string;
  /** ` ON CONFLICT …`. */
  readonly end: string;
  readonly isPlain: boolean;
}

function insertVerbOf(text: string): InsertVerb {
  const [, special] = /^(insert ignore|insert or \w+|replace)\b/i.exec(text) ?? [];
  const [, conflict] = / (on conflict|on duplicate key update)\b/i.exec(text) ?? [];
  return {
    verb: special === undefined ? 'INSERT INTO' : `${special.toUpperCase()} INTO`,
    end: conflict === undefined ? '' : ` ${conflict.toUpperCase()} …`,
    isPlain: special === undefined && conflict === undefined,
  };
}

function adviseInsert({ text }: QueryGroup, words: Write): readonly (string | undefined)[] {
  const verb = insertVerbOf(text);
  const short = `Insert all rows of ${words.sqlTable} at once`;
  if (verb.isPlain) return [insertInClient(words), insert(words, verb), `${short}.`];
  const and = verb.end === '' ? `: \`${verb.verb}\`` : ` and its${verb.end.slice(0, -2)}`;
  return [insert(words, verb), `${short}${verb.end === '' ? and : `, with all rows in VALUES${and}`}.`];
}

function hasTable(words: StatementWords): words is Write {
  return words.sqlTable !== undefined;
}

function operationOf(summary: string): Operation | undefined {
  const [word = ''] = summary.toLowerCase().split(' ', 1);
  if (word === 'insert' || word === 'replace' || word === 'insertone') return 'insert';
  if (word === 'update' || word === 'updateone' || word === 'findandmodify') return 'update';
  return word === 'delete' || word === 'deleteone' ? 'delete' : undefined;
}

function insert({ sqlTable, table, family }: Write, { verb, end }: InsertVerb): string {
  if (family === 'mongodb') return `Insert all documents at once: \`insertMany\` on ${table.bare}.`;
  if (family !== 'postgresql') {
    return `Insert all rows in one statement: \`${verb} ${sqlTable} (…) VALUES (…), (…)${end}\`.`;
  }
  return `Insert all rows in one statement, with an array for each column: \`${verb} ${sqlTable} (…) SELECT * FROM unnest($1::…[], $2::…[])${end}\`.`;
}

function insertInClient(words: Write): string | undefined {
  const { client, table, family } = words;
  if (client === undefined || !table.isPlain) return undefined;
  // Objection reads the keys of all rows back, which only these two databases give.
  const returnsKeys = family === 'postgresql' || family === 'mssql';
  const { bare, row, model } = table;
  const codes: Readonly<Partial<Record<DatabaseClient, string>>> = {
    mysql2: `pool.query('INSERT INTO ${bare} (…) VALUES ?', [rows])\` (\`execute()\` takes no array)`,
    mysql: `pool.query('INSERT INTO ${bare} (…) VALUES ?', [rows])\``,
    prisma: `prisma.${row}.createMany({ data: rows })\``,
    drizzle: `db.insert(${bare}).values(rows)\``,
    typeorm: `manager.insert(${model}, rows)\` (\`save()\` in a loop writes one by one)`,
    sequelize: `${model}.bulkCreate(rows)\``,
    knex: `knex.batchInsert('${bare}', rows)\``,
    objection: returnsKeys ? `${model}.query().insert(rows)\`` : `${model}.knexQuery().insert(rows)\``,
    'mikro-orm': `em.insertMany(${model}, rows)\`, or persist them all and call \`em.flush()\` once`,
    mongoose: `${model}.insertMany(rows)\``,
    mongodb: `db.collection('${bare}').insertMany(rows)\``,
  };
  const code = codes[client];
  return code === undefined ? undefined : `Insert all rows in one statement: \`${code}.`;
}

function update(words: KnownWords): string {
  const { sqlTable, sqlColumn, family } = words;
  if (family === 'mongodb')
    return `Update all at once: \`bulkWrite\` on ${words.table.bare}, each with its ${words.column}.`;
  if (family === 'postgresql') {
    return `Update all rows in one statement, with an array for each column: \`UPDATE ${sqlTable} SET … FROM unnest($1::…[], $2::…[]) AS v(k, …) WHERE ${sqlTable}.${sqlColumn} = v.k${andMore(words)}\`.`;
  }
  return `Update all rows in one statement: \`UPDATE ${sqlTable} SET … = CASE ${sqlColumn} WHEN … THEN … END WHERE ${inList(words)}\`.`;
}

/** First what gives all rows the same values, then what gives each its own. */
const UPDATES: Readonly<Partial<Record<DatabaseClient, (words: KnownWords) => string>>> = {
  prisma: (words) => {
    const raw = words.family === 'postgresql' ? 'UPDATE … FROM unnest(…)' : 'UPDATE … CASE …';
    const code = `prisma.${words.table.row}.updateMany({ where: ${filterObject(words, `{ in: ${words.values} }`)}, data })`;
    return updateRows(code, `\`$executeRaw\` with ${raw}`);
  },
  drizzle: (words) =>
    updateRows(
      `db.update(${words.table.bare}).set(…).where(${inArray(words)})`,
      `set a \`sql\` CASE on ${words.column}`,
    ),
  typeorm: (words) =>
    updateRows(
      `manager.update(${words.table.model}, ${filterObject(words, `In(${words.values})`)}, …)`,
      upsertOr(words, `manager.upsert(${words.table.model}, rows, ['${words.column}'])`),
    ),
  sequelize: (words) =>
    updateRows(
      `${words.table.model}.update(…, { where: ${filterObject(words, words.values)} })`,
      upsertOr(words, `${words.table.model}.bulkCreate(rows, { updateOnDuplicate: […] })`),
    ),
  knex: (words) =>
    updateRows(
      `knex('${words.table.bare}')${whereIn(words)}.update(…)`,
      upsertOr(words, `.insert(rows).onConflict('${words.column}').merge()`),
    ),
  objection: (words) =>
    updateRows(
      `${words.table.model}.query().patch(…)${whereIn(words)}`,
      upsertOr(words, `${words.table.model}.knexQuery().insert(rows).onConflict('${words.column}').merge()`),
    ),
  'mikro-orm': (words) =>
    `Update all rows at once: change the entities and call \`em.flush()\` once after the loop, or \`em.nativeUpdate(${words.table.model}, ${filterObject(words, `{ $in: ${words.values} }`)}, …)\`.`,
  mongoose: (words) => updateDocuments(words, words.table.model),
  mongodb: (words) => updateDocuments(words, `db.collection('${words.table.bare}')`),
};

function updateRows(same: string, own: string): string {
  return `Update all rows in one statement: \`${same}\`; where each gets values of its own, ${own}.`;
}

/** An upsert asks for no condition but its key: a row that a guard would have kept is overwritten. */
function upsertOr({ filtersMore, column }: KnownWords, upsert: string): string {
  return filtersMore ? `a CASE on ${column}` : `\`${upsert}\``;
}

function whereIn(words: KnownWords): string {
  return `.whereIn('${words.column}', ${words.values})${whereMore(words)}`;
}

function updateDocuments(words: KnownWords, collection: string): string {
  return `Update all at once: \`${collection}.updateMany(${filterObject(words, `{ $in: ${words.values} }`)}, …)\`; where each gets values of its own, \`bulkWrite\` with an \`updateOne\` for each.`;
}

function deleteInClient(client: DatabaseClient, words: KnownWords): string | undefined {
  const { table, column, values } = words;
  const { bare, row, model } = table;
  const inSql = `pool.query('DELETE FROM ${bare} WHERE ${column} IN (?)${andMore(words)}', [${values}])`;
  const inMongo = filterObject(words, `{ $in: ${values} }`);
  const codes: Readonly<Partial<Record<DatabaseClient, string>>> = {
    mysql2: inSql,
    mysql: inSql,
    prisma: `prisma.${row}.deleteMany({ where: ${filterObject(words, `{ in: ${values} }`)} })`,
    drizzle: `db.delete(${bare}).where(${inArray(words)})`,
    typeorm: `manager.delete(${model}, ${filterObject(words, `In(${values})`)})`,
    sequelize: `${model}.destroy({ where: ${filterObject(words, values)} })`,
    knex: `knex('${bare}')${whereIn(words)}.del()`,
    objection: `${model}.query().delete()${whereIn(words)}`,
    'mikro-orm': `em.nativeDelete(${model}, ${inMongo})`,
    mongoose: `${model}.deleteMany(${inMongo})`,
    mongodb: `db.collection('${bare}').deleteMany(${inMongo})`,
  };
  const code = codes[client];
  return code === undefined ? undefined : `Delete all rows in one statement: \`${code}\`.`;
}
