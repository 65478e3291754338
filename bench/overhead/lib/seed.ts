import { Client } from 'pg';
import { USERS } from './routes.ts';

/** Small tables with indexes for everything that is asked: the queries cost the database little, and the driver what they cost. */
export async function seedBench(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`
      CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);
      INSERT INTO users SELECT i, 'User ' || i, 'user' || i || '@example.com' FROM generate_series(1, ${USERS}) AS i;
      CREATE TABLE meetings (
        id int PRIMARY KEY, title text NOT NULL, starts_at timestamptz NOT NULL, host_id int NOT NULL REFERENCES users);
      INSERT INTO meetings
        SELECT i, 'Meeting ' || i, timestamptz '2026-01-05 09:00Z' + i * interval '1 hour', 1 + (i * 37) % ${USERS}
          FROM generate_series(1, ${5 * USERS}) AS i;
      CREATE INDEX meetings_host_id_starts_at ON meetings (host_id, starts_at);
      ANALYZE;
    `);
  } finally {
    await client.end();
  }
}
