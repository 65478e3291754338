import { randomUUID } from 'node:crypto';
import support from '../../support/serve-routes.cjs';
import { pool } from './database.mjs';
import { authorName, commentsOf } from './lookups.mjs';

const { chunkOf, range, serveRoutes } = support;
const COMMENTS = 'SELECT body FROM comments WHERE post_id = $1 ORDER BY id';
const firstPosts = async (limit) => {
  const { rows } = await pool.query('SELECT id, title, author_id FROM posts ORDER BY id LIMIT $1', [limit]);
  return rows;
};
const bodies = (rows) => rows.map(({ body }) => body);

async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

void serveRoutes(() => pool.query('SELECT pg_sleep(0.05)'), {
  '/nplus1': async () => {
    const result = [];
    for (const { id, title } of await firstPosts(10)) {
      const { rows } = await pool.query(COMMENTS, [id]); // planted: nplus1
      result.push({ title, comments: bodies(rows) });
    }
    return result;
  },
  '/nplus1-parallel': async () => {
    const posts = await firstPosts(10);
    return Promise.all(posts.map(async ({ id, title }) => ({ title, comments: await commentsOf(id) })));
  },
  '/nested': async () => {
    const { rows: authors } = await pool.query('SELECT id, name FROM authors ORDER BY id LIMIT 6');
    const result = [];
    for (const { id, name } of authors) {
      const posts = [];
      const written = await pool.query('SELECT id, title FROM posts WHERE author_id = $1 ORDER BY id', [id]); // planted: nested
      for (const post of written.rows) {
        const { rows } = await pool.query(COMMENTS, [post.id]); // planted: nested
        posts.push({ title: post.title, comments: bodies(rows) });
      }
      result.push({ name, posts });
    }
    return result;
  },
  '/interleaved': async () => {
    const result = [];
    for (const { id, title, author_id } of await firstPosts(8)) {
      const author = await pool.query('SELECT name FROM authors WHERE id = $1', [author_id]); // planted: interleaved
      const count = await pool.query('SELECT count(*)::int AS n FROM comments WHERE post_id = $1', [id]); // planted: interleaved
      result.push({ title, author: author.rows[0].name, comments: count.rows[0].n });
    }
    return result;
  },
  '/write-loop': async () => {
    const batch = randomUUID();
    for (const position of range(6)) {
      await pool.query('INSERT INTO imports (batch, position, label) VALUES ($1, $2, $3)', [batch, position, 'one']); // planted: write-loop
    }
    for (const id of range(6)) {
      await inTransaction(async (client) => {
        await client.query('UPDATE counters SET value = value + 1 WHERE id = $1', [id]); // planted: write-loop
      });
    }
    return 12;
  },
  '/duplicate': async () => [await authorName(3), await authorName(3), await authorName(3), await authorName(3)],
  '/literals': async () => {
    const names = [];
    for (const id of range(6)) {
      const { rows } = await pool.query(`SELECT name FROM authors WHERE id = ${id}`); // planted: literals
      names.push(rows[0].name);
    }
    return names;
  },
  '/slow': async () => (await pool.query('SELECT pg_sleep(0.25)')).rowCount,

  '/join': async () => {
    const { rows } = await pool.query(
      `SELECT p.title, array_agg(c.body ORDER BY c.id) AS comments
         FROM (SELECT id, title FROM posts ORDER BY id LIMIT 10) p JOIN comments c ON c.post_id = p.id
        GROUP BY p.id, p.title ORDER BY p.id`,
    );
    return rows;
  },
  '/batched': async () => {
    const posts = await firstPosts(10);
    const ids = posts.map(({ id }) => id);
    const { rows } = await pool.query('SELECT post_id, body FROM comments WHERE post_id = ANY($1) ORDER BY id', [ids]);
    return posts.map(({ id, title }) => ({ title, comments: bodies(rows.filter(({ post_id }) => post_id === id)) }));
  },
  '/page': async () => {
    const titles = [];
    let after = 0;
    for (const _ of range(6)) {
      const { rows } = await pool.query('SELECT id, title FROM posts WHERE id > $1 ORDER BY id LIMIT 5', [after]);
      after = rows.at(-1).id;
      titles.push(...rows.map(({ title }) => title));
    }
    return titles;
  },
  '/chunked': async () => {
    const batch = randomUUID();
    for (const chunk of range(5)) {
      const rows = chunkOf(batch, chunk, 100);
      const places = rows.map((_, row) => `($${row * 3 + 1}, $${row * 3 + 2}, $${row * 3 + 3})`).join(', ');
      const values = rows.flatMap(({ batch, position, label }) => [batch, position, label]);
      await pool.query(`INSERT INTO imports (batch, position, label) VALUES ${places}`, values);
    }
    return 500;
  },
  '/transaction': (id) =>
    inTransaction(async (client) => {
      const { rows } = await client.query('SELECT title FROM posts WHERE id = $1', [id]);
      await client.query('UPDATE counters SET value = value + 1 WHERE id = $1', [id]);
      await client.query('DELETE FROM imports WHERE batch = $1', [`nothing ${id}`]);
      return rows[0].title;
    }),
  '/single': async (id) => (await pool.query('SELECT id, title FROM posts WHERE id = $1', [id])).rows[0],
  '/retry': (id) =>
    inTransaction(async (client) => {
      const slug = `taken ${id}`;
      for (let attempt = 1; ; attempt++) {
        await client.query('SAVEPOINT attempt');
        try {
          if (attempt === 5) await client.query('DELETE FROM slugs WHERE slug = $1', [slug]);
          await client.query('INSERT INTO slugs (slug) VALUES ($1)', [slug]);
          return attempt;
        } catch (error) {
          if (attempt === 5) throw error;
          await client.query('ROLLBACK TO SAVEPOINT attempt');
        }
      }
    }),
  '/list': async () => {
    const { rows: count } = await pool.query('SELECT count(*)::int AS n FROM authors');
    const { rows: first } = await pool.query('SELECT title FROM posts ORDER BY id LIMIT 1');
    const { rows: last } = await pool.query('SELECT body FROM comments ORDER BY id DESC LIMIT 1');
    return [count[0].n, first[0].title, last[0].body];
  },
});
