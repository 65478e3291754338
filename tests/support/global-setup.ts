import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../scripts/postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the tests' own; empty where none could be started, which fails in CI. */
    databaseUrl: string;
  }
}

/** Child processes run the published files, so those must be of this tree; a real PostgreSQL stands behind them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (isDistStale()) execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
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

function isDistStale(): boolean {
  const modifiedMs = (file: string): number => statSync(file).mtimeMs;
  const built = globSync('dist/**/*.js').map(modifiedMs);
  const sources = globSync([
    'index.ts',
    '{cache,core,sql,analysis,monitor,request,processors,report,instrumentation,testing}/**/*.ts',
  ]);
  return built.length === 0 || Math.min(...built) < Math.max(...sources.map(modifiedMs));
}
