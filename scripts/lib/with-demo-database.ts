import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../postgres.ts';
import { runAtExit } from './run-at-exit.ts';

/** Runs `use` with a PostgreSQL and a folder for reports, both of which are gone afterwards, and when the process ends before. */
export async function withDemoDatabase<T>(use: (databaseUrl: string, folder: string) => Promise<T>): Promise<T> {
  const postgres = await startPostgres({ url: process.env['DATABASE_URL'] });
  const folder = mkdtempSync(join(tmpdir(), 'slowpath-demo-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  const keepAtExit = runAtExit(removeFolder);
  const result = await use(postgres.url, folder);
  await postgres.stop();
  removeFolder();
  keepAtExit();
  return result;
}
