import { startEmbeddedPostgres } from './lib/embedded-postgres.ts';
import { createOwnDatabase } from './lib/own-database.ts';

/** A database to use and to forget. */
export interface Postgres {
  /** `postgres://user:password@host:port/database`: an empty database. */
  readonly url: string;
  /** False if the database is one in a server that was there already. */
  readonly embedded: boolean;
  /** Removes the database with everything that was started for it. Close your connections first. */
  stop(): Promise<void>;
}

/**
 * Gives an empty PostgreSQL database: a new one in the server at `url`, or, without a `url`, in an embedded server that is
 * started for it on 127.0.0.1 (1 to 3 s). It is gone when `stop()` has run or this process has ended, whichever is first.
 * An empty `url` counts as none, as an environment variable that is set to nothing does.
 * @throws {EnvironmentError} if neither is to be had; the message says what to do.
 */
export async function startPostgres(options: { readonly url?: string | undefined } = {}): Promise<Postgres> {
  if (options.url !== undefined && options.url !== '')
    return { ...(await createOwnDatabase(options.url)), embedded: false };
  return { ...(await startEmbeddedPostgres()), embedded: true };
}
