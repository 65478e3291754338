import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from '../../../scripts/lib/build-if-stale.ts';
import { EnvironmentError } from '../../../scripts/lib/environment-error.ts';
import { installPackages } from '../../../scripts/lib/install-packages.ts';
import { type Progress, startProgress } from '../../../scripts/lib/progress.ts';
import { startPostgres } from '../../../scripts/postgres.ts';
import { type Pinning, pinApart } from './pinning.ts';
import { Sink } from './sink.ts';

/** What every measurement needs, set up. */
export interface Bench {
  readonly databaseUrl: string;
  readonly sink: Sink;
  readonly pinning: Pinning;
  readonly progress: Progress;
  readonly machine: Machine;
}

/** What figures depend on. */
export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly pinning: string;
  readonly database: string;
}

/**
 * Installs and builds what is missing, starts a database and a sink, and takes them down when `use` is done. `steps`: those that
 * `use` will report to the progress bar, phases included.
 * @throws {EnvironmentError} if something of it cannot be had here; the message says what to do.
 */
export async function withBench<T>(steps: number, use: (bench: Bench) => Promise<T>): Promise<T> {
  const progress = startProgress(steps + 2);
  try {
    progress.phase('Installing and building what is missing');
    const folder = fileURLToPath(new URL('..', import.meta.url));
    if (installPackages(folder, 'stderr') === false) {
      throw new EnvironmentError('The packages of bench/overhead could not be installed: npm has said why.');
    }
    buildIfStale();
    progress.phase('Starting the database and the sink');
    // Before the database is started, which inherits it.
    const pinning = pinApart();
    const postgres = await startPostgres({ url: process.env['DATABASE_URL'] });
    const sink = await Sink.start();
    const machine = {
      node: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      pinning: pinning.description,
      database: postgres.embedded
        ? 'embedded PostgreSQL'
        : 'the PostgreSQL of DATABASE_URL, which is pinned to no core',
    };
    const result = await use({ databaseUrl: postgres.url, sink, pinning, progress, machine });
    sink.stop();
    await postgres.stop();
    return result;
  } finally {
    progress.end();
  }
}
