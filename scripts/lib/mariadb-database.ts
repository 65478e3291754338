import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EnvironmentError } from './environment-error.ts';
import { findProgram } from './find-program.ts';
import { runAtExit } from './run-at-exit.ts';

const timeoutMs = 10_000;

/** A database of our own in somebody's MariaDB server. */
export interface MariadbDatabase {
  readonly url: string;
  /** Drops the database. */
  stop(): Promise<void>;
}

/**
 * Creates a database with a unique name in the server that `serverUrl` names, through the `mariadb` command. It is dropped by
 * `stop()`, or when this process ends; only a SIGKILL leaves it behind.
 * @throws {EnvironmentError} if `serverUrl` is no MariaDB URL, the command is missing, the server does not answer, or its
 * user may not create databases.
 */
export function createMariadbDatabase(serverUrl: string): MariadbDatabase {
  const url = parseUrl(serverUrl);
  const name = `slowpath_${process.pid}_${randomBytes(6).toString('hex')}`;
  runStatement(url, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  const drop = (): void => runStatement(url, `DROP DATABASE IF EXISTS ${name}`);
  const keepAtExit = runAtExit(drop);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    stop: () => {
      drop();
      keepAtExit();
      return Promise.resolve();
    },
  };
}

/** Synchronous, so that it can run while a process exits. The password goes by the environment, where no process list shows it. */
function runStatement(url: URL, statement: string): void {
  const client = findProgram('mariadb', 'mysql');
  if (client === undefined)
    throw new EnvironmentError(
      'SLOWPATH_TEST_MARIADB_URL is used through the mariadb command, which is not installed here ' +
        '(Debian and Ubuntu: apt-get install mariadb-client).',
    );
  const server = [`--host=${url.hostname}`, `--port=${url.port === '' ? '3306' : url.port}`, '--protocol=tcp'];
  const args = ['--no-defaults', ...server, `--user=${decodeURIComponent(url.username)}`, '--connect-timeout=5'];
  const env = { PATH: process.env['PATH'], MYSQL_PWD: decodeURIComponent(url.password) };
  const result = spawnSync(client, args, { input: statement, env, timeout: timeoutMs, encoding: 'utf8' });
  if (result.status === 0) return;
  const reason = result.error?.message ?? result.stderr.trim();
  throw new EnvironmentError(
    `Cannot use the MariaDB at ${url.host}: ${reason}. SLOWPATH_TEST_MARIADB_URL must name a running server ` +
      'whose user may create databases; without it one is started, where it is installed.',
  );
}

function parseUrl(serverUrl: string): URL {
  const url = URL.canParse(serverUrl) ? new URL(serverUrl) : undefined;
  if (url !== undefined && /^(?:mysql|mariadb):$/.test(url.protocol)) return url;
  // The value is not repeated: it may hold a password.
  throw new EnvironmentError(
    'SLOWPATH_TEST_MARIADB_URL is not a MariaDB URL. Write mysql://user:password@host:3306/database.',
  );
}
