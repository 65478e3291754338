import { createMariadbDatabase } from './lib/mariadb-database.ts';
import { startMariadbServer } from './lib/mariadb-server.ts';

/** A MariaDB database to use and to forget. */
export interface Mariadb {
  /** `mysql://user:password@host:port/database`: an empty database. */
  readonly url: string;
  /** True if a server was started for it, false if it is a database in a server that was there already. */
  readonly ownServer: boolean;
  /** Removes the database with everything that was started for it. Close your connections first. */
  stop(): Promise<void>;
}

/**
 * Gives an empty MariaDB database: a new one in the server at `url`, or, without a `url`, in a server of its own on a free
 * port of 127.0.0.1, if `mariadbd` is installed here. It is gone when `stop()` has run or this process has ended, whichever is
 * first. An empty `url` counts as none, as an environment variable that is set to nothing does.
 * @throws {EnvironmentError} if neither is to be had; the message says what to do.
 */
export async function startMariadb(options: { readonly url?: string | undefined } = {}): Promise<Mariadb> {
  if (options.url !== undefined && options.url !== '')
    return { ...createMariadbDatabase(options.url), ownServer: false };
  return { ...(await startMariadbServer()), ownServer: true };
}
