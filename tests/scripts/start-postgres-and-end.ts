/**
 * Starts a PostgreSQL, asks it something, says what it started as one JSON line, and ends in the way that its argument names:
 * stop | return | wait (for a signal). All but `stop` leave the tidying up to the end of the process.
 */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { startPostgres } from '../../scripts/postgres.ts';

const how = process.argv[2];
const postgres = await startPostgres({ url: process.env['SERVER_URL'] });

const client = new Client({ connectionString: postgres.url });
await client.connect();
const result = await client.query<{ answer: number; folder: string }>(
  `SELECT 6 * 7 AS answer, current_setting('data_directory') AS folder`,
);
await client.end();
const { answer, folder } = result.rows[0] ?? { answer: 0, folder: '' };
const serverPid = postgres.embedded ? Number.parseInt(readFileSync(`${folder}/postmaster.pid`, 'utf8'), 10) : 0;
process.stdout.write(`${JSON.stringify({ url: postgres.url, embedded: postgres.embedded, answer, serverPid })}\n`);

if (how === 'stop') await postgres.stop();
if (how === 'wait') setInterval(() => undefined, 1000);
