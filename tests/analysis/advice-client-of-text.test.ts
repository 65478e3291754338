import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOfText } from '../../analysis/client-of-text.ts';
import type { DatabaseClient } from '../../core/types.ts';
import { describeQuery } from '../../sql/index.ts';

/** As it is found in a log, and as it is after its literals are gone. */
function clientsOf(text: string, system: string): readonly (DatabaseClient | undefined)[] {
  return [clientOfText(text, system), clientOfText(describeQuery(text, system).text, system)];
}

describe('clientOfText', () => {
  it.each<[DatabaseClient, string, string]>([
    // Written by the ORMs themselves: Drizzle 0.45, MikroORM 6, Objection 3, Prisma 6, Sequelize 6, TypeORM 0.3.
    [
      'prisma',
      'postgresql',
      'SELECT "public"."User"."id", "public"."User"."email" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3',
    ],
    [
      'prisma',
      'mysql',
      'SELECT `db`.`User`.`id`, `db`.`User`.`email` FROM `db`.`User` WHERE `db`.`User`.`id` IN (?,?)',
    ],
    ['prisma', 'sqlite', 'SELECT `main`.`User`.`id` FROM `main`.`User` WHERE 1=1 LIMIT ? OFFSET ?'],
    ['prisma', 'microsoft.sql_server', 'SELECT [dbo].[User].[id] FROM [dbo].[User] WHERE [dbo].[User].[id] = @P1'],
    ['prisma', 'postgresql', 'INSERT INTO "public"."User" ("email") VALUES ($1) RETURNING "public"."User"."id"'],
    [
      'prisma',
      'postgresql',
      'SELECT "t1"."id", "User_posts"."__prisma_data__" AS "posts" FROM "public"."User" AS "t1" LEFT JOIN LATERAL (SELECT 1) AS "User_posts" ON TRUE',
    ],
    [
      'typeorm',
      'postgresql',
      'SELECT "User"."id" AS "User_id", "User"."name" AS "User_name" FROM "user" "User" WHERE (("User"."id" = $1)) LIMIT 1',
    ],
    ['typeorm', 'mysql', 'SELECT `User`.`id` AS `User_id` FROM `user` `User` WHERE `User`.`id` IN (?)'],
    ['typeorm', 'postgresql', 'INSERT INTO "user"("id", "name") VALUES (DEFAULT, $1) RETURNING "id"'],
    [
      'sequelize',
      'postgresql',
      'SELECT "id", "name", "createdAt", "updatedAt" FROM "Users" AS "User" WHERE "User"."id" = 1;',
    ],
    ['sequelize', 'mysql', 'SELECT `id`, `name` FROM `Users` AS `User` WHERE `User`.`id` = 7 LIMIT 1;'],
    ['sequelize', 'microsoft.sql_server', 'SELECT [id], [name] FROM [Users] AS [User] WHERE [User].[id] = 7;'],
    [
      'sequelize',
      'postgresql',
      'SELECT "User"."id", "Posts"."id" AS "Posts.id" FROM "Users" AS "User" LEFT OUTER JOIN "Posts" AS "Posts" ON "User"."id" = "Posts"."UserId";',
    ],
    [
      'sequelize',
      'postgresql',
      'INSERT INTO "Users" ("id","name","createdAt","updatedAt") VALUES (DEFAULT,$1,$2,$3) RETURNING "id","name"',
    ],
    ['sequelize', 'postgresql', 'UPDATE "Users" SET "name"=$1,"updatedAt"=$2 WHERE "id" IN (1)'],
    ['drizzle', 'postgresql', 'select "id", "name" from "users" where "users"."id" = $1'],
    ['drizzle', 'mysql', 'select `id`, `name` from `users` where (`users`.`id` = ? and `users`.`name` = ?)'],
    ['drizzle', 'postgresql', 'insert into "users" ("id", "name") values (default, $1)'],
    [
      'drizzle',
      'postgresql',
      'select "users"."id", "users_posts"."data" as "posts" from "users" "users" left join lateral (select 1) "users_posts" on true',
    ],
    [
      'drizzle',
      'postgresql',
      'select "d0"."id" as "id", "d0"."name" as "name" from "users" as "d0" where "d0"."id" = $1 limit $2',
    ],
    ['mikro-orm', 'postgresql', 'select "u0".* from "user" as "u0" where "u0"."id" = 1 limit 1'],
    ['mikro-orm', 'mysql', 'select `d0`.* from `document` as `d0` where `d0`.`id` in (1, 2)'],
    ['objection', 'postgresql', 'select "users".* from "users" where "users"."id" in ($1, $2)'],
  ])('knows %s by its SQL: %s %s', (client, system, text) => {
    expect(clientsOf(text, system)).toEqual([client, client]);
  });

  it.each([
    ['by hand', 'postgresql', 'SELECT id, name FROM users WHERE id = $1'],
    ['by hand, with an alias', 'postgresql', 'SELECT u.id AS u_id FROM users u WHERE u.id = $1'],
    ['by hand, with quotes', 'postgresql', 'SELECT "id" FROM "users" WHERE "id" = $1'],
    ['by hand, with a short alias', 'postgresql', 'SELECT "u"."id" FROM "users" AS "u" WHERE "u"."id" = $1'],
    ['by Knex or Kysely', 'postgresql', 'select * from "users" where "id" = $1'],
    ['by Knex or Kysely', 'postgresql', 'select "id", "name" from "users" where "id" = $1 limit $2'],
    ['by Knex or Kysely', 'postgresql', 'insert into "users" ("name") values ($1)'],
    ['by Drizzle or Objection', 'postgresql', 'update "users" set "name" = $1 where "users"."id" = $2'],
    ['by TypeORM or others', 'postgresql', 'DELETE FROM "user" WHERE "id" = $1'],
    ['by Prisma or others', 'mysql', 'INSERT INTO `db`.`User` (`id`,`createdAt`,`updatedAt`) VALUES (?,?,?)'],
    ['with other aliases', 'postgresql', 'SELECT "User"."id" AS "userId" FROM "user" "User"'],
    ['for MongoDB', 'mongodb', 'find users'],
    ['by nobody', 'postgresql', ''],
  ])('is silent in doubt: written %s', (_how, system, text) => {
    expect(clientsOf(text, system)).toEqual([undefined, undefined]);
  });

  it('looks at the first 2000 characters', () => {
    const columns = (length: number) => `SELECT ${'"x", '.repeat(length / 5)}"y" FROM "Users" AS "User"`;
    expect(clientOfText(columns(1900), 'postgresql')).toBe('sequelize');
    expect(clientOfText(columns(2000), 'postgresql')).toBeUndefined();
  });

  it('takes any text, and takes no longer for a long one', () => {
    const piece = fc.constantFrom(
      '"',
      '"a"',
      '"a".',
      ' from ',
      ' FROM ',
      ' as ',
      ' AS ',
      '(',
      ', ',
      'a',
      'default',
      ' values (',
    );
    const start = fc.constantFrom('SELECT ', 'select ', 'INSERT INTO ', 'insert into ', 'UPDATE ', '');
    const built = fc.tuple(start, fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 400 }));
    let longestMs = 0;
    fc.assert(
      fc.property(
        built,
        fc.constantFrom('postgresql', 'mysql', 'microsoft.sql_server', ''),
        ([head, parts, n], system) => {
          const text = head + parts.join('').repeat(n);
          const startedAt = performance.now();
          clientOfText(text, system);
          longestMs = Math.max(longestMs, performance.now() - startedAt);
        },
      ),
      { seed: 5, numRuns: 1500 },
    );
    // Catastrophic backtracking over 2000 characters would take minutes; a busy machine stays far below.
    expect(longestMs).toBeLessThan(1000);
  });
});
