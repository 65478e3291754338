import { Client } from 'pg';
import { sumUsageByFeature } from './repositories/usage.ts';
import { sizes } from './sizes.ts';

const slowQueryMs = { least: 400, aimedAt: 480, fixedMost: 50 };
const usageRowsFirst = 200_000;
const usageRowsMost = 12_000_000;
const growMsMost = 10_000;

/** What the seeding made, as measured on this machine. */
export interface Seeded {
  readonly usageRows: number;
  /** Milliseconds of the query that lacks its index: the fastest of three runs. */
  readonly slowQueryMs: number;
}

/**
 * Makes the tables and fills them. usage_events grows until the query that no index serves takes at least 400 ms here, so that
 * it is slow on every machine; or stays at `usageRows`, for tests, which need no slow query. Rows are made in the server.
 */
export async function seed(databaseUrl: string, options: { readonly usageRows?: number } = {}): Promise<Seeded> {
  // Settings of the database take effect on the next connection, so they get one of their own.
  await withClient(databaseUrl, setPlannerUp);
  return await withClient(databaseUrl, async (client) => {
    await client.query(tables);
    await addUsageEvents(client, 0, options.usageRows ?? usageRowsFirst);
    await client.query('ANALYZE');
    return options.usageRows === undefined ? await growUntilSlow(client) : await measure(client, options.usageRows);
  });
}

/** Creates the index that the planted variant lacks, and returns the milliseconds of the same query with it. */
export async function addMissingIndex(databaseUrl: string): Promise<{ readonly fixedQueryMs: number }> {
  return await withClient(databaseUrl, async (client) => {
    await client.query('CREATE INDEX usage_events_user_id_feature_id ON usage_events (user_id, feature_id)');
    await client.query('ANALYZE usage_events');
    const fixedQueryMs = await fastestOfThree(client);
    if (fixedQueryMs <= slowQueryMs.fixedMost) return { fixedQueryMs };
    throw new Error(
      `The index does not help: its query takes ${fixedQueryMs.toFixed(0)} ms, expected at most ${slowQueryMs.fixedMost} ms.`,
    );
  });
}

/** Parallel workers and compilation come and go with the machine's load and the server's build; without them, timings repeat. */
async function setPlannerUp(client: Client): Promise<void> {
  await client.query(`DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET max_parallel_workers_per_gather = 0', current_database());
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
  END $$`);
}

const tables = `
  CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
  INSERT INTO users SELECT i, 'User ' || i FROM generate_series(1, ${sizes.users}) AS i;

  CREATE TABLE user_settings (
    user_id int PRIMARY KEY REFERENCES users, plan text NOT NULL, monthly_quota int NOT NULL, locale text NOT NULL, time_zone text NOT NULL);
  INSERT INTO user_settings
    SELECT i, (ARRAY['free', 'team', 'business'])[1 + i % 3], 1000 * (1 + i % 3), 'en-GB', 'Europe/London'
      FROM generate_series(1, ${sizes.users}) AS i;

  CREATE TABLE meetings (id int PRIMARY KEY, title text NOT NULL, starts_at timestamptz NOT NULL, host_id int NOT NULL REFERENCES users);
  INSERT INTO meetings
    SELECT i, 'Meeting ' || i, timestamptz '2026-01-05 09:00Z' + i * interval '1 hour', 1 + (i * 37) % ${sizes.users}
      FROM generate_series(1, ${sizes.meetings}) AS i;
  CREATE INDEX meetings_starts_at_id ON meetings (starts_at, id);

  CREATE TABLE documents (id int PRIMARY KEY, title text NOT NULL, body text NOT NULL);
  INSERT INTO documents
    SELECT i, 'Document ' || i, repeat('Notes of document ' || i || '. ', 20) FROM generate_series(1, ${sizes.documents}) AS i;

  CREATE TABLE components (id int PRIMARY KEY, name text NOT NULL, healthy boolean NOT NULL);
  INSERT INTO components SELECT i, 'component-' || i, true FROM generate_series(1, ${sizes.components}) AS i;

  CREATE TABLE schema_versions (version int PRIMARY KEY);
  INSERT INTO schema_versions VALUES (1), (2), (3);

  CREATE TABLE features (id int PRIMARY KEY, name text NOT NULL);
  INSERT INTO features SELECT i, 'feature-' || i FROM generate_series(1, ${sizes.features}) AS i;

  CREATE UNLOGGED TABLE usage_events (
    user_id int NOT NULL, feature_id int NOT NULL, units int NOT NULL, occurred_at timestamptz NOT NULL) WITH (autovacuum_enabled = false);
`;

/** Rows from the number `from`, exclusive, to the number `to`. */
async function addUsageEvents(client: Client, from: number, to: number): Promise<void> {
  await client.query(
    `INSERT INTO usage_events
       SELECT 1 + i % ${sizes.users}, 1 + (i / ${sizes.users}) % ${sizes.features}, 1 + i % 9,
              timestamptz '2026-01-01Z' + i * interval '1 second'
         FROM generate_series($1::int + 1, $2::int) AS i`,
    [from, to],
  );
}

async function growUntilSlow(client: Client): Promise<Seeded> {
  const startedMs = performance.now();
  let seeded = await measure(client, usageRowsFirst);
  while (seeded.slowQueryMs < slowQueryMs.least) {
    if (seeded.usageRows >= usageRowsMost || performance.now() - startedMs > growMsMost) {
      const reached = `${seeded.slowQueryMs.toFixed(0)} ms with ${seeded.usageRows} rows`;
      throw new Error(`The query without an index is not slow here: ${reached}, expected ${slowQueryMs.least} ms.`);
    }
    // The time grows with the rows. At most eightfold at once, because a small table measures badly.
    const factor = Math.min(8, slowQueryMs.aimedAt / seeded.slowQueryMs);
    const usageRows = Math.min(usageRowsMost, Math.ceil(seeded.usageRows * factor));
    await addUsageEvents(client, seeded.usageRows, usageRows);
    await client.query('ANALYZE usage_events');
    seeded = await measure(client, usageRows);
  }
  return seeded;
}

async function measure(client: Client, usageRows: number): Promise<Seeded> {
  return { usageRows, slowQueryMs: await fastestOfThree(client) };
}

/** The fastest of three runs is the one that other work on the machine disturbed least. */
async function fastestOfThree(client: Client): Promise<number> {
  const durationsMs: number[] = [];
  for (const userId of [11, 12, 13]) {
    const startedMs = performance.now();
    await sumUsageByFeature(client, userId);
    durationsMs.push(performance.now() - startedMs);
  }
  return Math.min(...durationsMs);
}

async function withClient<T>(databaseUrl: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
