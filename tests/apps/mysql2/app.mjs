import { randomUUID } from 'node:crypto';
import support from '../../support/serve-routes.cjs';
import { pool, prepare } from './database.mjs';
import { authorName, commentsOf } from './lookups.mjs';

const { chunkOf, range, serveRoutes } = support;
const COMMENTS = 'SELECT body FROM comments WHERE post_id = ? ORDER BY id';
const POSTS_OF = 'SELECT id, title FROM posts WHERE author_id = ? ORDER BY id';
const AUTHOR = 'SELECT name FROM authors WHERE id = ?';
const ANSWERS = 'SELECT count(*) AS n FROM comments WHERE post_id = ?';
const INSERT = 'INSERT INTO imports (batch, position, label) VALUES (?, ?, ?)';
const firstPosts = async (limit) => {
  const [rows] = await pool.query('SELECT id, title, author_id FROM posts ORDER BY id LIMIT ?', [limit]);
  return rows;
};
const bodies = (rows) => rows.map(({ body }) => body);

async function inTransaction(work) {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    const result = await work(connection);
    await connection.commit();
    return result;
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
}

// `execute` prepares the statement in the server; `query` writes the values into the text before it is sent.
await prepare();
void serveRoutes(() => pool.query('SELECT SLEEP(0.05)'), {
  '/nplus1': async () => {
    const result = [];
    for (const { id, title } of await firstPosts(10)) {
      const [rows] = await pool.execute(COMMENTS, [id]); // planted: nplus1
      result.push({ title, comments: bodies(rows) });
    }
    return result;
  },
  '/nplus1-parallel': async () => {
    const posts = await firstPosts(10);
    return Promise.all(posts.map(async ({ id, title }) => ({ title, comments: await commentsOf(id) })));
  },
  '/nested': async () => {
    const [authors] = await pool.query('SELECT id, name FROM authors ORDER BY id LIMIT 6');
    const result = [];
    for (const { id, name } of authors) {
      const posts = [];
      const [written] = await pool.execute(POSTS_OF, [id]); // planted: nested
      for (const post of written) {
        const [rows] = await pool.execute(COMMENTS, [post.id]); // planted: nested
        posts.push({ title: post.title, comments: bodies(rows) });
      }
      result.push({ name, posts });
    }
    return result;
  },
  '/interleaved': async () => {
    const result = [];
    for (const { id, title, author_id } of await firstPosts(8)) {
      const [[author]] = await pool.query(AUTHOR, [author_id]); // planted: interleaved
      const [[count]] = await pool.execute(ANSWERS, [id]); // planted: interleaved
      result.push({ title, author: author.name, comments: count.n });
    }
    return result;
  },
  '/write-loop': async () => {
    const batch = randomUUID();
    for (const position of range(6)) {
      await pool.execute(INSERT, [batch, position, 'one']); // planted: write-loop
    }
    for (const id of range(6)) {
      await inTransaction(async (connection) => {
        await connection.execute('UPDATE counters SET value = value + 1 WHERE id = ?', [id]); // planted: write-loop
      });
    }
    return 12;
  },
  '/duplicate': async () => [await authorName(3), await authorName(3), await authorName(3), await authorName(3)],
  '/literals': async () => {
    const names = [];
    for (const id of range(6)) {
      const [[author]] = await pool.query(`SELECT name FROM authors WHERE id = ${id}`); // planted: literals
      names.push(author.name);
    }
    return names;
  },
  '/slow': async () => (await pool.query('SELECT SLEEP(0.25)'))[0].length,

  '/join': async () => {
    const [rows] = await pool.query(
      `SELECT p.title, c.body FROM (SELECT id, title FROM posts ORDER BY id LIMIT 10) p
         JOIN comments c ON c.post_id = p.id ORDER BY p.id, c.id`,
    );
    return Object.entries(Object.groupBy(rows, ({ title }) => title)).map(([title, group]) => ({
      title,
      comments: bodies(group),
    }));
  },
  '/batched': async () => {
    const posts = await firstPosts(10);
    const ids = posts.map(({ id }) => id);
    const [rows] = await pool.query('SELECT post_id, body FROM comments WHERE post_id IN (?) ORDER BY id', [ids]);
    return posts.map(({ id, title }) => ({ title, comments: bodies(rows.filter(({ post_id }) => post_id === id)) }));
  },
  '/page': async () => {
    const titles = [];
    let after = 0;
    for (const _ of range(6)) {
      const [rows] = await pool.execute('SELECT id, title FROM posts WHERE id > ? ORDER BY id LIMIT 5', [after]);
      after = rows.at(-1).id;
      titles.push(...rows.map(({ title }) => title));
    }
    return titles;
  },
  '/chunked': async () => {
    const batch = randomUUID();
    for (const chunk of range(5)) {
      const rows = chunkOf(batch, chunk, 100).map(({ batch, position, label }) => [batch, position, label]);
      await pool.query('INSERT INTO imports (batch, position, label) VALUES ?', [rows]);
    }
    return 500;
  },
  '/transaction': (id) =>
    inTransaction(async (connection) => {
      const [[post]] = await connection.execute('SELECT title FROM posts WHERE id = ?', [id]);
      await connection.execute('UPDATE counters SET value = value + 1 WHERE id = ?', [id]);
      await connection.execute('DELETE FROM imports WHERE batch = ?', [`nothing ${id}`]);
      return post.title;
    }),
  '/single': async (id) => (await pool.execute('SELECT id, title FROM posts WHERE id = ?', [id]))[0][0],
  '/retry': (id) =>
    inTransaction(async (connection) => {
      const slug = `taken ${id}`;
      for (let attempt = 1; ; attempt++) {
        await connection.query('SAVEPOINT attempt');
        try {
          if (attempt === 5) await connection.execute('DELETE FROM slugs WHERE slug = ?', [slug]);
          await connection.execute('INSERT INTO slugs (slug) VALUES (?)', [slug]);
          return attempt;
        } catch (error) {
          if (attempt === 5) throw error;
          await connection.query('ROLLBACK TO SAVEPOINT attempt');
        }
      }
    }),
  '/list': async () => {
    const [[count]] = await pool.query('SELECT count(*) AS n FROM authors');
    const [[first]] = await pool.query('SELECT title FROM posts ORDER BY id LIMIT 1');
    const [[last]] = await pool.query('SELECT body FROM comments ORDER BY id DESC LIMIT 1');
    return [count.n, first.title, last.body];
  },
});
