import { expect, it } from 'vitest';
import { adviseLoop } from '../../analysis/advice.ts';
import type { DatabaseClient } from '../../core/types.ts';
import { clientOfText } from '../../analysis/client-of-text.ts';
import { describeQuery } from '../../sql/index.ts';
import { adviceGroup, sourceOf } from './advice-group.ts';

/** What is said of a loop of which only the text is known. */
function saidOf(sql: string, system = 'postgresql', given?: DatabaseClient): string {
  const { text, summary, kind, traits } = describeQuery(sql, system);
  if (kind === 'control') throw new Error(`${sql} is no query`);
  const client = given ?? clientOfText(text, system);
  const group = adviceGroup({ text, summary, kind, traits, client, system });
  return adviseLoop({ group, parallel: false, source: sourceOf('SELECT "orders"') });
}

it.each([
  ['SELECT name FROM users WHERE id = $1', '`SELECT … FROM users WHERE id = ANY($1)`'],
  ['SELECT u."teamId" FROM "Users" u WHERE u."teamId" = $1', '`SELECT … FROM "Users" WHERE "teamId" = ANY($1)`'],
  [
    "SELECT count(*) FROM posts WHERE user_id = 'secret'",
    '`SELECT user_id, count(*) FROM posts WHERE user_id = ANY($1)',
  ],
  ['SELECT * FROM posts WHERE user_id = $1 ORDER BY at DESC LIMIT 1', '`SELECT DISTINCT ON (user_id) … FROM posts'],
  [
    'SELECT * FROM stock WHERE sku = $1 FOR UPDATE',
    '`SELECT … FROM stock WHERE sku = ANY($1) ORDER BY sku FOR UPDATE`',
  ],
  ['UPDATE stock SET amount = amount - 1 WHERE sku = $1', 'AS v(k, …) WHERE stock.sku = v.k`'],
  ['DELETE FROM stock WHERE sku = $1', '`DELETE FROM stock WHERE sku = ANY($1)`'],
  ['INSERT INTO stock (sku) VALUES ($1)', '`INSERT INTO stock (…) SELECT * FROM unnest('],
  [
    'SELECT "public"."User"."id" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3',
    '`prisma.order.findMany({ include: { user: true } })`',
  ],
  [
    'SELECT "User"."id" AS "User_id" FROM "user" "User" WHERE (("User"."id" = $1)) LIMIT 1',
    '`findBy({ id: In(ids) })` on User',
  ],
  ['SELECT "id" FROM "Users" AS "User" WHERE "User"."id" = 1;', '`Order.findAll({ include: User })`'],
  ['select "id", "name" from "users" where "users"."id" = $1', '`db.query.orders.findMany({ with: { user: true } })`'],
])('advises from the text alone: %s', (sql, part) => {
  expect(saidOf(sql)).toContain(part);
  expect(saidOf(sql)).not.toContain('secret');
});

const KEEPS = /… *(?:}|`|\)|'| ORDER| GROUP).* Keep its other conditions\./;

it.each([
  [
    'DELETE FROM sessions WHERE user_id = $1 AND revoked = true',
    '`DELETE FROM sessions WHERE user_id = ANY($1) AND …`',
  ],
  ['SELECT name FROM users WHERE id = $1 AND deleted_at IS NULL', '`SELECT … FROM users WHERE id = ANY($1) AND …`'],
  [
    "SELECT count(*) FROM tickets WHERE user_id = $1 AND status = 'open'",
    '`SELECT user_id, count(*) FROM tickets WHERE user_id = ANY($1) AND … GROUP BY user_id`',
  ],
  ['UPDATE stock SET amount = $1 WHERE sku = $2 AND locked = false', 'WHERE stock.sku = v.k AND …`'],
  [
    'SELECT * FROM posts WHERE user_id = $1 AND draft IS NULL ORDER BY at DESC LIMIT 1',
    'FROM posts WHERE user_id = ANY($1) AND … ORDER BY user_id, …`',
  ],
  [
    'SELECT * FROM stock WHERE sku = $1 AND amount > 0 FOR UPDATE',
    '`SELECT … FROM stock WHERE sku = ANY($1) AND … ORDER BY sku FOR UPDATE`',
  ],
])('keeps the other conditions: %s', (sql, part) => {
  expect(saidOf(sql)).toContain(part);
  expect(saidOf(sql)).toMatch(KEEPS);
});

const ORMS: readonly DatabaseClient[] = [
  ...(['knex', 'objection', 'drizzle', 'sequelize', 'typeorm', 'prisma', 'mikro-orm'] as const),
  ...(['mysql2', 'mysql'] as const),
];

it.each(
  ORMS.flatMap((client) =>
    ['SELECT a FROM', 'SELECT count(*) FROM', 'UPDATE', 'DELETE FROM'].map((verb) => [client, verb] as const),
  ),
)('keeps them in the words of %s: %s', (client, verb) => {
  const set = verb === 'UPDATE' ? ' SET a = ?' : '';
  const system = client.startsWith('mysql') ? 'mysql' : 'postgresql';
  const said = saidOf(`${verb} users${set} WHERE team_id = ? AND deleted_at IS NULL`, system, client);
  expect(said).toMatch(KEEPS);
  expect(said).not.toMatch(/onConflict|upsert|updateOnDuplicate/);
  const whole = saidOf(`${verb} users${set} WHERE team_id = ?`, system, client);
  expect(whole).not.toMatch(/, … }|and\(|\.where\(…\)|AND …|Keep its/);
});

it.each([
  [
    'SELECT day, count(*) FROM hits WHERE page_id = $1 GROUP BY day',
    'page_id added to its select list and its GROUP BY',
  ],
  ['SELECT count(DISTINCT user_id) FROM hits WHERE page_id = $1', '`SELECT page_id, … FROM hits'],
  ['SELECT count(user_id) FROM hits WHERE page_id = $1', '`SELECT page_id, … FROM hits'],
  ['SELECT count(*), sum(ms) FROM hits WHERE page_id = $1', '`SELECT page_id, … FROM hits'],
])('makes no other figure of: %s', (sql, part) => {
  for (const client of [undefined, 'knex', 'drizzle', 'prisma', 'sequelize', 'objection'] as const) {
    expect(saidOf(sql, 'postgresql', client)).toContain(part);
    expect(saidOf(sql, 'postgresql', client)).not.toMatch(/count\(\*\)|\.count\(\)|_count|`[^`]*GROUP BY day|n: count/);
  }
});

it.each([
  'SELECT tags.* FROM tags INNER JOIN post_tags ON post_tags.tag_id = tags.id WHERE post_tags.post_id = $1',
  'SELECT tags.* FROM tags INNER JOIN post_tags ON post_tags.tag_id = tags.id WHERE post_tags.post_id = $1 FOR UPDATE',
  'SELECT count(*) FROM tags JOIN post_tags ON post_tags.tag_id = tags.id WHERE post_tags.post_id = $1',
  'SELECT t.id FROM tags t JOIN tags p ON p.id = t.parent_id WHERE p.post_id = $1',
  'WITH x AS (SELECT id AS post_id FROM tags) SELECT post_id FROM x WHERE post_id = $1',
  'SELECT x.a FROM (SELECT a, b AS post_id FROM tags) x WHERE x.post_id = $1',
  'DELETE FROM tags USING post_tags WHERE post_tags.tag_id = tags.id AND post_tags.post_id = $1',
  'UPDATE tags SET n = $1 FROM post_tags WHERE post_tags.post_id = 5 AND post_tags.tag_id = tags.id',
  'INSERT INTO tags SELECT * FROM post_tags WHERE post_id = $1',
  'INSERT INTO tags SELECT * FROM tags WHERE post_id = $1',
])('names no column whose table is not known: %s', (sql) => {
  for (const client of [undefined, 'knex', 'prisma', 'mysql2'] as const) {
    const said = saidOf(sql, 'postgresql', client);
    expect(said).not.toMatch(/post_?id|post_tags|unnest|VALUES|createMany|batchInsert/);
    expect(said).toMatch(/one (?:query|statement|update|delete)/);
  }
});

it.each([
  [
    'postgresql',
    'INSERT INTO stock (sku) VALUES ($1) ON CONFLICT (sku) DO NOTHING',
    'unnest($1::…[], $2::…[]) ON CONFLICT …`',
  ],
  [
    'mysql',
    'INSERT INTO stock (sku) VALUES (?) ON DUPLICATE KEY UPDATE n = n + 1',
    'VALUES (…), (…) ON DUPLICATE KEY UPDATE …`',
  ],
  ['mysql', 'INSERT IGNORE INTO stock (sku) VALUES (?)', '`INSERT IGNORE INTO stock (…) VALUES'],
  ['mysql', 'REPLACE INTO stock (sku) VALUES (?)', '`REPLACE INTO stock (…) VALUES'],
  ['sqlite', 'insert or ignore into stock (sku) values (?)', '`INSERT OR IGNORE INTO stock (…) VALUES'],
])('in %s, keeps what an INSERT does with a row that is there: %s', (system, sql, part) => {
  for (const client of [undefined, 'mysql2', 'knex', 'prisma'] as const) {
    expect(saidOf(sql, system, client)).toContain(part);
  }
});

it.each([
  ['CALL refresh_totals($1)', 'postgresql'],
  ['EXEC dbo.refresh_totals @p0', 'microsoft.sql_server'],
])('leaves what a procedure does to its author: %s', (sql, system) => {
  expect(saidOf(sql, system)).toBe('It is called 10 times: see whether the procedure can take all values at once.');
});
