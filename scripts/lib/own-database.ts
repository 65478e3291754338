import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, escapeIdentifier } from 'pg';
import { EnvironmentError } from './environment-error.ts';
import { runAtExit } from './run-at-exit.ts';

const connectMsMax = 5_000;

/** A database of our own in somebody's server. */
export interface OwnDatabase {
  readonly url: string;
  /** Drops the database, with whatever connections are left to it. */
  stop(): Promise<void>;
}

/**
 * Creates a database with a unique name in the server that `serverUrl` names, so that nothing in it can be in the way or come
 * to harm. It is dropped by `stop()`, or when this process ends; only a SIGKILL leaves it behind.
 * @throws {EnvironmentError} if `serverUrl` is no PostgreSQL URL, the server does not answer, or its user may not create databases.
 */
export async function createOwnDatabase(serverUrl: string): Promise<OwnDatabase> {
  const url = parseUrl(serverUrl);
  const name = `slowpath_${process.pid}_${randomBytes(6).toString('hex')}`;
  try {
    await runStatement(serverUrl, `CREATE DATABASE ${name}`);
  } catch (cause) {
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
    throw new EnvironmentError(
      `Cannot create a database at ${url.host}: ${reason}. DATABASE_URL must name a running PostgreSQL ` +
        'whose user may create databases; without it an embedded PostgreSQL is used.',
      { cause },
    );
  }
  const keepAtExit = runAtExit(() => dropAtExit(serverUrl, name));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    stop: async () => {
      await dropDatabase(serverUrl, name);
      keepAtExit();
    },
  };
}

/** Drops a database, ending the connections that are left to it. Nothing happens if it does not exist. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await runStatement(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
}

async function runStatement(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl, connectionTimeoutMillis: connectMsMax });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function parseUrl(serverUrl: string): URL {
  const url = URL.canParse(serverUrl) ? new URL(serverUrl) : undefined;
  if (url !== undefined && /^postgres(ql)?:$/.test(url.protocol)) return url;
  // The value is not repeated: it may hold a password.
  throw new EnvironmentError(
    'DATABASE_URL is not a PostgreSQL URL. Write postgres://user:password@host:5432/database.',
  );
}

/** In a process of its own, which can be waited for while this one exits. The URL goes by its input, where no process list shows it. */
function dropAtExit(serverUrl: string, name: string): void {
  const script = fileURLToPath(new URL('drop-database.ts', import.meta.url));
  const input = JSON.stringify({ serverUrl, name });
  const child = spawnSync(process.execPath, [script], { input, timeout: 2 * connectMsMax, encoding: 'utf8', env: {} });
  if (child.status !== 0) throw new Error(`the database ${name} may still be there: ${child.stderr}`);
}
