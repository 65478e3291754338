import { keptApart, type PostgresPair, putTogether } from './postgres-pair.ts';

const schemas = 'a tenant or a copy in another schema is another table';
const digits = 'orders_2025 and orders_2026 may have other indexes and other loads';
const aliases = 'the name of an output column is part of the statement as it was written';
const order = 'statements that list columns in another order were written in different places';
const lists = 'a lookup of one row is what an N+1 loop is made of, a lookup of many is its cure';
const argumentCount = 'a call with other arguments may be another function';
const isolation = 'a transaction at another level behaves otherwise';
const noise = 'one line of code writes its statement in one way, and words without a meaning tell lines apart';
const places = 'where the value stands in a call is part of the call';
const branches = 'only lists of values are shortened: an expression with more branches is another expression';
const skips = 'skipping rows costs what limiting them saves';
const everything = 'one of them and all of them are two statements';
const aliased = 'a table under an alias is still that table; libpg-query leaves its name out';
const payload = 'a payload is a value';
const counts = 'how many rows a cursor fetches is a value';

/** Where our verdict is another one than that of libpg-query, and why. */
export const onPurposePairs: readonly PostgresPair[] = [
  keptApart(schemas, 'SELECT id FROM public.users', 'SELECT id FROM audit.users'),
  keptApart(schemas, 'SELECT id FROM users', 'SELECT id FROM public.users'),
  keptApart(schemas, 'INSERT INTO tenant_a.t (a) VALUES (1)', 'INSERT INTO tenant_b.t (a) VALUES (1)'),
  keptApart(digits, 'SELECT id FROM orders_2025', 'SELECT id FROM orders_2026'),
  keptApart(digits, 'DELETE FROM part_001 WHERE id = 1', 'DELETE FROM part_002 WHERE id = 1'),
  keptApart(aliases, 'SELECT id AS a FROM users', 'SELECT id AS b FROM users'),
  keptApart(aliases, 'SELECT count(*) AS n FROM users', 'SELECT count(*) FROM users'),
  keptApart(order, 'SELECT id, name FROM users', 'SELECT name, id FROM users'),
  keptApart(order, 'INSERT INTO t (a, b) VALUES (1, 2)', 'INSERT INTO t (b, a) VALUES (1, 2)'),
  keptApart(lists, 'SELECT id FROM users WHERE id = 1', 'SELECT id FROM users WHERE id IN (1, 2)'),
  keptApart(lists, 'SELECT id FROM users WHERE id = $1', 'SELECT id FROM users WHERE id = ANY($1)'),
  keptApart(lists, 'SELECT id FROM users WHERE id IN (1, 2)', 'SELECT id FROM users WHERE id = ANY($1)'),
  keptApart(argumentCount, "SELECT f(1, 'a') FROM t", "SELECT f(1, 'a', 'b') FROM t"),
  keptApart(argumentCount, 'SELECT f($1) FROM t', 'SELECT f($1, $2) FROM t'),
  keptApart(isolation, 'BEGIN', 'BEGIN ISOLATION LEVEL SERIALIZABLE'),
  keptApart(isolation, 'BEGIN', 'BEGIN READ ONLY'),
  putTogether(counts, 'FETCH 10 FROM c', 'FETCH 500 FROM c'),
  putTogether(counts, 'FETCH FORWARD 10 FROM c', 'FETCH FORWARD 500 FROM c'),
  keptApart(noise, 'SELECT u.id FROM users AS u', 'SELECT u.id FROM users u'),
  keptApart(noise, 'SELECT * FROM a JOIN b ON a.id = b.a_id', 'SELECT * FROM a INNER JOIN b ON a.id = b.a_id'),
  keptApart(
    noise,
    'SELECT * FROM a LEFT JOIN b ON a.id = b.a_id',
    'SELECT * FROM a LEFT OUTER JOIN b ON a.id = b.a_id',
  ),
  keptApart(noise, 'SELECT id FROM users WHERE (id = 1)', 'SELECT id FROM users WHERE id = 1'),
  keptApart(noise, 'SELECT id FROM users WHERE a <> 1', 'SELECT id FROM users WHERE a != 1'),
  keptApart(noise, 'BEGIN', 'BEGIN TRANSACTION'),
  keptApart(places, 'SELECT f(a, 1) FROM t', 'SELECT f(1, a) FROM t'),
  keptApart(
    branches,
    'UPDATE t SET a = CASE WHEN id = $1 THEN $2 ELSE a END WHERE id IN ($3)',
    'UPDATE t SET a = CASE WHEN id = $1 THEN $2 WHEN id = $3 THEN $4 ELSE a END WHERE id IN ($5, $6)',
  ),
  keptApart(skips, 'SELECT a FROM t LIMIT 10', 'SELECT a FROM t LIMIT 10 OFFSET 20'),
  keptApart(skips, 'SELECT a FROM t LIMIT 10', 'SELECT a FROM t OFFSET 10'),
  keptApart(everything, 'CLOSE c', 'CLOSE ALL'),
  keptApart(aliased, 'SELECT u.id FROM users u', 'SELECT u.id FROM posts u'),
  keptApart(
    aliased,
    'SELECT "id" FROM "Users" AS "User" WHERE "User"."id" = 1',
    'SELECT "id" FROM "Posts" AS "User" WHERE "User"."id" = 1',
  ),
  putTogether(payload, "NOTIFY jobs, 'a'", "NOTIFY jobs, 'b'"),
];
