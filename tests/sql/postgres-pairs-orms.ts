import { different, type PostgresPair, same } from './postgres-pair.ts';

/** Statements in the shapes that ORMs and query builders write. */
export const ormPairs: readonly PostgresPair[] = [
  // Prisma.
  same(
    'SELECT "public"."User"."id", "public"."User"."email" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3',
    'SELECT "public"."User"."id", "public"."User"."email" FROM "public"."User" WHERE ("public"."User"."id" = 17 AND 1=1) LIMIT 1 OFFSET 0',
  ),
  same(
    'SELECT "public"."Post"."id", "public"."Post"."authorId" FROM "public"."Post" WHERE "public"."Post"."authorId" IN ($1,$2,$3) OFFSET $4',
    'SELECT "public"."Post"."id", "public"."Post"."authorId" FROM "public"."Post" WHERE "public"."Post"."authorId" IN ($1,$2) OFFSET $3',
  ),
  same(
    'INSERT INTO "public"."User" ("email","name") VALUES ($1,$2) RETURNING "public"."User"."id"',
    `INSERT INTO "public"."User" ("email","name") VALUES ('a', 'b') RETURNING "public"."User"."id"`,
  ),
  same(
    'UPDATE "public"."User" SET "name" = $1 WHERE ("public"."User"."id" = $2 AND 1=1) RETURNING "public"."User"."id", "public"."User"."name"',
    `UPDATE "public"."User" SET "name" = 'x' WHERE ("public"."User"."id" = 5 AND 1=1) RETURNING "public"."User"."id", "public"."User"."name"`,
  ),
  same(
    'SELECT COUNT(*) FROM (SELECT "public"."Post"."id" FROM "public"."Post" WHERE "public"."Post"."published" = $1 OFFSET $2) AS "sub"',
    'SELECT COUNT(*) FROM (SELECT "public"."Post"."id" FROM "public"."Post" WHERE "public"."Post"."published" = true OFFSET 0) AS "sub"',
  ),
  different(
    'SELECT "public"."User"."id" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3',
    'SELECT "public"."User"."id" FROM "public"."User" WHERE ("public"."User"."email" = $1 AND 1=1) LIMIT $2 OFFSET $3',
  ),
  different(
    'SELECT "public"."User"."id" FROM "public"."User" WHERE 1=1 ORDER BY "public"."User"."id" ASC OFFSET $1',
    'SELECT "public"."User"."id" FROM "public"."User" WHERE 1=1 ORDER BY "public"."User"."id" DESC OFFSET $1',
  ),
  // TypeORM.
  same(
    'SELECT "User"."id" AS "User_id", "User"."name" AS "User_name" FROM "user" "User" WHERE (("User"."id" = $1)) LIMIT 1',
    'SELECT "User"."id" AS "User_id", "User"."name" AS "User_name" FROM "user" "User" WHERE (("User"."id" = 3)) LIMIT 1',
  ),
  same(
    'SELECT "p"."id" AS "p_id", "a"."id" AS "a_id" FROM "post" "p" LEFT JOIN "user" "a" ON "a"."id"="p"."authorId" WHERE "p"."id" IN ($1, $2)',
    'SELECT "p"."id" AS "p_id", "a"."id" AS "a_id" FROM "post" "p" LEFT JOIN "user" "a" ON "a"."id"="p"."authorId" WHERE "p"."id" IN ($1)',
  ),
  same(
    'SELECT DISTINCT "distinctAlias"."Post_id" AS "ids_Post_id" FROM (SELECT "Post"."id" AS "Post_id" FROM "post" "Post" WHERE "Post"."title" = $1) "distinctAlias" ORDER BY "Post_id" ASC LIMIT 1',
    `SELECT DISTINCT "distinctAlias"."Post_id" AS "ids_Post_id" FROM (SELECT "Post"."id" AS "Post_id" FROM "post" "Post" WHERE "Post"."title" = 'x') "distinctAlias" ORDER BY "Post_id" ASC LIMIT 5`,
  ),
  same(
    'INSERT INTO "photo"("id", "name", "views") VALUES (DEFAULT, $1, $2) RETURNING "id"',
    `INSERT INTO "photo"("id", "name", "views") VALUES (DEFAULT, 'a', 17) RETURNING "id"`,
  ),
  different(
    'SELECT "p"."id" AS "p_id" FROM "post" "p" LEFT JOIN "user" "a" ON "a"."id"="p"."authorId"',
    'SELECT "p"."id" AS "p_id" FROM "post" "p" INNER JOIN "user" "a" ON "a"."id"="p"."authorId"',
  ),
  // Sequelize.
  same(
    `SELECT "id", "name" FROM "Users" AS "User" WHERE "User"."id" = 1 LIMIT 1;`,
    `SELECT "id", "name" FROM "Users" AS "User" WHERE "User"."id" = 42 LIMIT 1`,
  ),
  same(
    `SELECT "id" FROM "Users" AS "User" WHERE ("User"."deletedAt" IS NULL AND "User"."email" = 'a@b.c') LIMIT 1`,
    `SELECT "id" FROM "Users" AS "User" WHERE ("User"."deletedAt" IS NULL AND "User"."email" = 'd@e.f') LIMIT 1`,
  ),
  same(
    `SELECT count("User"."id") AS "count" FROM "Users" AS "User" WHERE "User"."age" >= 18`,
    `SELECT count("User"."id") AS "count" FROM "Users" AS "User" WHERE "User"."age" >= $1`,
  ),
  same(
    `INSERT INTO "Users" ("id","name","createdAt") VALUES (DEFAULT,$1,$2) RETURNING "id","name","createdAt";`,
    `INSERT INTO "Users" ("id","name","createdAt") VALUES (DEFAULT,'x','2026-01-01 00:00:00.000 +00:00') RETURNING "id","name","createdAt"`,
  ),
  same(
    `UPDATE "Users" SET "name"=$1,"updatedAt"=$2 WHERE "id" = $3`,
    `UPDATE "Users" SET "name"='a',"updatedAt"='2026-01-01' WHERE "id" = 17`,
  ),
  same('DELETE FROM "Users" WHERE "id" = 1', 'DELETE FROM "Users" WHERE "id" = $1'),
  different(`UPDATE "Users" SET "name"=$1 WHERE "id" = $2`, `UPDATE "Users" SET "email"=$1 WHERE "id" = $2`),
  // Drizzle.
  same(
    'select "id", "name" from "users" where "users"."id" = $1 limit $2',
    'SELECT "id", "name" FROM "users" WHERE "users"."id" = 5 LIMIT 1',
  ),
  same(
    'select "users"."id", "posts"."id" from "users" left join "posts" on "posts"."author_id" = "users"."id" where "users"."id" in ($1, $2)',
    'select "users"."id", "posts"."id" from "users" left join "posts" on "posts"."author_id" = "users"."id" where "users"."id" in ($1)',
  ),
  same(
    `select "users"."id", "users_posts"."data" as "posts" from "users" left join lateral (select coalesce(json_agg(json_build_array("p"."id", "p"."title")), '[]'::json) as "data" from (select * from "posts" "up" where "up"."author_id" = "users"."id") "p") "users_posts" on true where "users"."id" = $1`,
    `select "users"."id", "users_posts"."data" as "posts" from "users" left join lateral (select coalesce(json_agg(json_build_array("p"."id", "p"."title")), '[]'::json) as "data" from (select * from "posts" "up" where "up"."author_id" = "users"."id") "p") "users_posts" on true where "users"."id" = 9`,
  ),
  same(
    'insert into "users" ("id", "name") values (default, $1) on conflict ("id") do update set "name" = $2 returning "id"',
    `insert into "users" ("id", "name") values (default, 'a') on conflict ("id") do update set "name" = 'b' returning "id"`,
  ),
  different(
    'select "id" from "users" where "users"."id" = $1',
    'select "id" from "users" where ("users"."id" = $1 and "users"."org_id" = $2)',
  ),
  different(
    'insert into "users" ("id") values ($1) on conflict ("id") do nothing',
    'insert into "users" ("id") values ($1) on conflict do nothing',
  ),
  // Knex.
  same('select * from "users" where "id" = $1 limit $2', 'select * from "users" where "id" = 7 limit 1'),
  same(
    'select "u".*, "o"."name" as "org" from "users" as "u" inner join "orgs" as "o" on "o"."id" = "u"."org_id" where "u"."active" = $1',
    'select "u".*, "o"."name" as "org" from "users" as "u" inner join "orgs" as "o" on "o"."id" = "u"."org_id" where "u"."active" = true',
  ),
  same(
    'insert into "users" ("email", "name") values ($1, $2), ($3, $4)',
    'insert into "users" ("email", "name") values ($1, $2), ($3, $4), ($5, $6)',
  ),
  same('insert into "tags" ("name") values (DEFAULT)', 'insert into "tags" ("name") values (\'x\')'),
  same(
    'update "users" set "visits" = "visits" + $1 where "id" = $2',
    'update "users" set "visits" = "visits" + 1 where "id" = 7',
  ),
  same('delete from "sessions" where "expires_at" < $1', 'delete from "sessions" where "expires_at" < \'2026-01-01\''),
  same(
    'select count(*) as "n" from "users" where "name" like $1',
    `select count(*) as "n" from "users" where "name" like '%a%'`,
  ),
  different('select * from "users" where "id" = $1', 'select * from "users" where "id" = $1 for update'),
  different('select * from "users" where "a" = $1 or "b" = $2', 'select * from "users" where "a" = $1 and "b" = $2'),
  different('select max("id") from "users"', 'select min("id") from "users"'),
  // MikroORM.
  same(
    'select "a0".* from "author" as "a0" where "a0"."id" = $1 limit $2',
    'select "a0".* from "author" as "a0" where "a0"."id" = 17 limit 1',
  ),
  same(
    'select "b0".*, "t1"."id" as "t1__id" from "book" as "b0" left join "book_tags" as "b2" on "b0"."id" = "b2"."book_id" left join "tag" as "t1" on "b2"."tag_id" = "t1"."id" where "b0"."author_id" in ($1, $2, $3)',
    'select "b0".*, "t1"."id" as "t1__id" from "book" as "b0" left join "book_tags" as "b2" on "b0"."id" = "b2"."book_id" left join "tag" as "t1" on "b2"."tag_id" = "t1"."id" where "b0"."author_id" in ($1)',
  ),
  same(
    'update "author" set "name" = case when ("id" = $1) then $2 when ("id" = $3) then $4 else "name" end where "id" in ($5, $6)',
    `update "author" set "name" = case when ("id" = 1) then 'a' when ("id" = 2) then 'b' else "name" end where "id" in (1, 2)`,
  ),
  // Rails, Django and others that share a database with a Node.js service.
  same(
    'SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2 /*application:Api,controller:users*/',
    'SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2',
  ),
  same(
    'SELECT 1 AS one FROM "users" WHERE "users"."email" = $1 LIMIT $2',
    `SELECT 1 AS one FROM "users" WHERE "users"."email" = 'x' LIMIT 1`,
  ),
  same(
    `SELECT "auth_user"."id" FROM "auth_user" WHERE ("auth_user"."is_active" AND "auth_user"."username" = 'a')`,
    `SELECT "auth_user"."id" FROM "auth_user" WHERE ("auth_user"."is_active" AND "auth_user"."username" = 'b')`,
  ),
  same(
    "SELECT t.id FROM tasks t WHERE t.id = $1 /*traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'*/",
    "SELECT t.id FROM tasks t WHERE t.id = $1 /*traceparent='00-00000000000000000000000000000001-0000000000000001-00'*/",
  ),
];
