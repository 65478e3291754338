import type { TestProject } from 'vitest/node';
import { buildIfStale } from '../../scripts/lib/build-if-stale.ts';
import { startPostgres } from '../../scripts/postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the tests' own; empty where none could be started, which fails in CI. */
    databaseUrl: string;
  }
}

/** Child processes run the published files, so those must be of this tree; a real PostgreSQL stands behind them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildIfStale();
  const url = process.env['SLOWPATH_TEST_DATABASE_URL'];
  try {
    const postgres = await startPostgres(url === undefined ? {} : { url });
    project.provide('databaseUrl', postgres.url);
    return () => postgres.stop();
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `Tests that need PostgreSQL are skipped: ${why}\nSet SLOWPATH_TEST_DATABASE_URL to use a server of yours.\n`,
    );
    project.provide('databaseUrl', '');
    return () => Promise.resolve();
  }
}
