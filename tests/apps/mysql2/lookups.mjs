import { pool } from './database.mjs';

export async function commentsOf(postId) {
  const [rows] = await pool.query('SELECT body FROM comments WHERE post_id = ? ORDER BY id', [postId]); // planted: nplus1-parallel
  return rows.map(({ body }) => body);
}

export async function authorName(id) {
  const [[author]] = await pool.execute('SELECT name FROM authors WHERE id = ?', [id]); // planted: duplicate
  return author.name;
}
