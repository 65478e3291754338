import { readFileSync } from 'node:fs';
import mysql from 'mysql2/promise';

export const pool = mysql.createPool({ uri: process.env.DATABASE_URL, connectionLimit: 4 });

/** Fills the empty database, once: the tests start the application twice. */
export async function prepare() {
  const [tables] = await pool.query('SHOW TABLES');
  if (tables.length > 0) return;
  const statements = readFileSync(new URL('../../support/orm-schema.sql', import.meta.url), 'utf8').split(';\n');
  for (const statement of statements) if (statement.trim() !== '') await pool.query(statement);
}
