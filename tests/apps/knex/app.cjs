const { randomUUID } = require('node:crypto');
const { chunkOf, range, serveRoutes } = require('../../support/serve-routes.cjs');
const { knex } = require('./database.cjs');
const { authorName, commentsOf } = require('./lookups.cjs');

const firstPosts = async (limit) => await knex('posts').select('id', 'title', 'author_id').orderBy('id').limit(limit);

void serveRoutes(() => knex.raw('SELECT pg_sleep(0.05)'), {
  '/nplus1': async () => {
    const result = [];
    for (const { id, title } of await firstPosts(10)) {
      const comments = await knex('comments').where({ post_id: id }).orderBy('id').pluck('body'); // planted: nplus1
      result.push({ title, comments });
    }
    return result;
  },
  '/nplus1-parallel': async () => {
    const posts = await firstPosts(10);
    return Promise.all(posts.map(async ({ id, title }) => ({ title, comments: await commentsOf(id) })));
  },
  '/nested': async () => {
    const result = [];
    for (const { id, name } of await knex('authors').orderBy('id').limit(6)) {
      const posts = [];
      const written = await knex('posts').where({ author_id: id }).orderBy('id'); // planted: nested
      for (const post of written) {
        const comments = await knex('comments').where({ post_id: post.id }).orderBy('id').pluck('body'); // planted: nested
        posts.push({ title: post.title, comments });
      }
      result.push({ name, posts });
    }
    return result;
  },
  '/interleaved': async () => {
    const result = [];
    for (const { id, title, author_id } of await firstPosts(8)) {
      const author = await knex('authors').where({ id: author_id }).first(); // planted: interleaved
      const [{ count }] = await knex('comments').where({ post_id: id }).count(); // planted: interleaved
      result.push({ title, author: author.name, comments: Number(count) });
    }
    return result;
  },
  '/write-loop': async () => {
    const batch = randomUUID();
    for (const position of range(6)) {
      await knex('imports').insert({ batch, position, label: 'one' }); // planted: write-loop
    }
    for (const id of range(6)) {
      await knex.transaction(async (trx) => {
        await trx('counters').where({ id }).increment('value', 1); // planted: write-loop
      });
    }
    return 12;
  },
  '/duplicate': async () => [await authorName(3), await authorName(3), await authorName(3), await authorName(3)],
  '/literals': async () => {
    const names = [];
    for (const id of range(6)) {
      const { rows } = await knex.raw(`SELECT name FROM authors WHERE id = ${id}`); // planted: literals
      names.push(rows[0].name);
    }
    return names;
  },
  '/slow': async () => (await knex.raw('SELECT pg_sleep(0.25)')).rows.length,

  '/join': async () =>
    await knex
      .with('p', knex('posts').select('id', 'title').orderBy('id').limit(10))
      .from('p')
      .join('comments as c', 'c.post_id', 'p.id')
      .select('p.title', knex.raw('array_agg(c.body ORDER BY c.id) AS comments'))
      .groupBy('p.id', 'p.title')
      .orderBy('p.id'),
  '/batched': async () => {
    const posts = await firstPosts(10);
    const ids = posts.map(({ id }) => id);
    const comments = await knex('comments').whereIn('post_id', ids).orderBy('id');
    const bodies = (post) => comments.filter(({ post_id }) => post_id === post).map(({ body }) => body);
    return posts.map(({ id, title }) => ({ title, comments: bodies(id) }));
  },
  '/page': async () => {
    const titles = [];
    let after = 0;
    for (const _ of range(6)) {
      const posts = await knex('posts').where('id', '>', after).orderBy('id').limit(5);
      after = posts.at(-1).id;
      titles.push(...posts.map(({ title }) => title));
    }
    return titles;
  },
  '/chunked': async () => {
    const batch = randomUUID();
    for (const chunk of range(5)) await knex('imports').insert(chunkOf(batch, chunk, 100));
    return 500;
  },
  '/transaction': (id) =>
    knex.transaction(async (trx) => {
      const post = await trx('posts').where({ id }).first('title');
      await trx('counters').where({ id }).increment('value', 1);
      await trx('imports')
        .where({ batch: `nothing ${id}` })
        .delete();
      return post.title;
    }),
  '/single': async (id) => await knex('posts').where({ id }).first('id', 'title'),
  '/retry': (id) =>
    knex.transaction(async (trx) => {
      const slug = `taken ${id}`;
      for (let attempt = 1; ; attempt++) {
        try {
          // A transaction within a transaction is a savepoint.
          await trx.transaction(async (savepoint) => {
            if (attempt === 5) await savepoint('slugs').where({ slug }).delete();
            await savepoint('slugs').insert({ slug });
          });
          return attempt;
        } catch (error) {
          if (attempt === 5) throw error;
        }
      }
    }),
  '/list': async () => {
    const [{ count }] = await knex('authors').count();
    const first = await knex('posts').orderBy('id').first('title');
    const last = await knex('comments').orderBy('id', 'desc').first('body');
    return [Number(count), first.title, last.body];
  },
});
