import { pool } from './database.mjs';

export async function commentsOf(postId) {
  const { rows } = await pool.query('SELECT body FROM comments WHERE post_id = $1 ORDER BY id', [postId]); // planted: nplus1-parallel
  return rows.map(({ body }) => body);
}

export async function authorName(id) {
  const { rows } = await pool.query('SELECT name FROM authors WHERE id = $1', [id]); // planted: duplicate
  return rows[0].name;
}
