import { randomUUID } from 'node:crypto';
import { asc, count, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { chunkOf, range, serveRoutes } from '../../../support/serve-routes.cjs';
import { db } from './database.mjs';
import { authorName, commentsOf } from './lookups.mjs';
import { authors, comments, counters, imports, posts, slugs } from './schema.mjs';

interface PostWithComments {
  readonly title: string;
  readonly comments: readonly string[];
}

const firstPosts = (limit: number) => db.select().from(posts).orderBy(posts.id).limit(limit);
const bodies = (rows: readonly { readonly body: string }[]): string[] => rows.map(({ body }) => body);

void serveRoutes(() => db.execute(sql`SELECT pg_sleep(0.05)`), {
  '/nplus1': async () => {
    const result: PostWithComments[] = [];
    for (const { id, title } of await firstPosts(10)) {
      const rows = await db.select().from(comments).where(eq(comments.postId, id)).orderBy(comments.id); // planted: nplus1
      result.push({ title, comments: bodies(rows) });
    }
    return result;
  },
  '/nplus1-parallel': async () => {
    const list = await firstPosts(10);
    return Promise.all(list.map(async ({ id, title }) => ({ title, comments: await commentsOf(id) })));
  },
  '/nested': async () => {
    const result: { name: string; posts: PostWithComments[] }[] = [];
    for (const { id, name } of await db.query.authors.findMany({ orderBy: asc(authors.id), limit: 6 })) {
      const own: PostWithComments[] = [];
      const written = await db.query.posts.findMany({ where: eq(posts.authorId, id), orderBy: asc(posts.id) }); // planted: nested
      for (const post of written) {
        const where = eq(comments.postId, post.id);
        const answers = await db.query.comments.findMany({ where, orderBy: asc(comments.id) }); // planted: nested
        own.push({ title: post.title, comments: bodies(answers) });
      }
      result.push({ name, posts: own });
    }
    return result;
  },
  '/interleaved': async () => {
    const result: { title: string; author: string | undefined; comments: number }[] = [];
    for (const { id, title, authorId } of await firstPosts(8)) {
      const [author] = await db.select().from(authors).where(eq(authors.id, authorId)); // planted: interleaved
      const answers = await db.$count(comments, eq(comments.postId, id)); // planted: interleaved
      result.push({ title, author: author?.name, comments: answers });
    }
    return result;
  },
  '/write-loop': async () => {
    const batch = randomUUID();
    for (const position of range(6)) {
      await db.insert(imports).values({ batch, position, label: 'one' }); // planted: write-loop
    }
    const value = sql`${counters.value} + 1`;
    for (const id of range(6)) {
      await db.transaction(async (tx) => {
        await tx.update(counters).set({ value }).where(eq(counters.id, id)); // planted: write-loop
      });
    }
    return 12;
  },
  '/duplicate': async () => [await authorName(3), await authorName(3), await authorName(3), await authorName(3)],
  '/literals': async () => {
    const names: unknown[] = [];
    for (const id of range(6)) {
      const { rows } = await db.execute(sql.raw(`SELECT name FROM authors WHERE id = ${id}`)); // planted: literals
      names.push(rows[0]?.['name']);
    }
    return names;
  },
  '/slow': async () => (await db.execute(sql`SELECT pg_sleep(0.25)`)).rows.length,

  '/join': async () => {
    const orderBy = asc(posts.id);
    const list = await db.query.posts.findMany({
      orderBy,
      limit: 10,
      with: { comments: { orderBy: asc(comments.id) } },
    });
    return list.map((post) => ({ title: post.title, comments: bodies(post.comments) }));
  },
  '/batched': async () => {
    const list = await firstPosts(10);
    const ids = list.map(({ id }) => id);
    const rows = await db.select().from(comments).where(inArray(comments.postId, ids)).orderBy(comments.id);
    return list.map(({ id, title }) => ({ title, comments: bodies(rows.filter(({ postId }) => postId === id)) }));
  },
  '/page': async () => {
    const titles: string[] = [];
    let after = 0;
    for (const _ of range(6)) {
      const page = await db.select().from(posts).where(gt(posts.id, after)).orderBy(posts.id).limit(5);
      after = page.at(-1)?.id ?? after;
      titles.push(...page.map(({ title }) => title));
    }
    return titles;
  },
  '/chunked': async () => {
    const batch = randomUUID();
    for (const chunk of range(5)) await db.insert(imports).values(chunkOf(batch, chunk, 100));
    return 500;
  },
  '/transaction': (id) =>
    db.transaction(async (tx) => {
      const [post] = await tx.select().from(posts).where(eq(posts.id, id));
      await tx
        .update(counters)
        .set({ value: sql`${counters.value} + 1` })
        .where(eq(counters.id, id));
      await tx.delete(imports).where(eq(imports.batch, `nothing ${id}`));
      return post?.title;
    }),
  '/single': async (id) =>
    (await db.select({ id: posts.id, title: posts.title }).from(posts).where(eq(posts.id, id)))[0],
  '/retry': (id) =>
    db.transaction(async (outer) => {
      const slug = `taken ${id}`;
      for (let attempt = 1; ; attempt++) {
        try {
          // A transaction within a transaction is a savepoint.
          await outer.transaction(async (tx) => {
            if (attempt === 5) await tx.delete(slugs).where(eq(slugs.slug, slug));
            await tx.insert(slugs).values({ slug });
          });
          return attempt;
        } catch (error) {
          if (attempt === 5) throw error;
        }
      }
    }),
  '/list': async () => {
    const [all] = await db.select({ count: count() }).from(authors);
    const [first] = await db.select().from(posts).orderBy(posts.id).limit(1);
    const [last] = await db.select().from(comments).orderBy(desc(comments.id)).limit(1);
    return [all?.count, first?.title, last?.body];
  },
});
