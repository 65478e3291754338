import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from './environment-error.ts';
import { freePorts } from './free-ports.ts';
import { findProgram } from './find-program.ts';
import { removeMariadb } from './remove-mariadb.ts';
import { runAtExit } from './run-at-exit.ts';
import { ended, lastLogLines, readLog } from './server-process.ts';

const startMsMax = 30_000;
const portAttempts = 3;
const howToGetOne =
  'Install it (Debian and Ubuntu: apt-get install mariadb-server), or name a server of your own in SLOWPATH_TEST_MARIADB_URL.';

// The data is thrown away, so nothing is done for its safety.
const serverSettings = [
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--skip-log-bin',
  '--innodb-buffer-pool-size=64M',
  '--innodb-log-file-size=16M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
];

/**
 * Starts a MariaDB on a free port of 127.0.0.1, with its data in a fresh temporary folder and a user and a password of its
 * own. It ends, and its folder goes, with `stop()` or with this process, however that ends.
 * @throws {EnvironmentError} if it is not installed or cannot run here, with the server's own words and a way out.
 */
export async function startMariadbServer(
  find: (name: string) => string | undefined = findProgram,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const mariadbd = find('mariadbd');
  const installer = find('mariadb-install-db');
  if (mariadbd === undefined || installer === undefined)
    throw new EnvironmentError(`MariaDB is not installed here. ${howToGetOne}`);
  const folder = mkdtempSync(join(tmpdir(), 'slowpath-mariadb-'));
  let server: ChildProcess | undefined;
  let guardian: ChildProcess | undefined;
  const removeNow = (): void => {
    removeMariadb(folder, server?.pid);
    guardian?.kill('SIGKILL');
  };
  const keepAtExit = runAtExit(removeNow);
  const stop = async (): Promise<void> => {
    removeNow();
    keepAtExit();
    await Promise.all([server, guardian].map(ended));
  };
  try {
    install(installer, folder);
    const password = randomBytes(18).toString('base64url');
    writeFirstStatements(folder, password);
    for (let attempt = 1; ; attempt++) {
      const [port = 0] = await freePorts(1);
      server = spawnServer(mariadbd, folder, port);
      guardian?.kill('SIGKILL');
      guardian = spawnGuardian(folder, server.pid);
      if (await untilReady(server, folder))
        return { url: `mysql://slowpath:${password}@127.0.0.1:${port}/slowpath`, stop };
      // Another process may have taken the port between our looking and the server's listening.
      if (attempt === portAttempts || !readLog(folder).includes('bind on TCP/IP port'))
        throw failure('did not start', folder);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

function install(installer: string, folder: string): void {
  const args = [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    '--skip-test-db',
    `--user=${userInfo().username}`,
  ];
  const log = openSync(join(folder, 'log'), 'a');
  const login = '--auth-root-authentication-method=socket';
  const result = spawnSync(installer, [...args, login], { stdio: ['ignore', log, log], timeout: startMsMax });
  closeSync(log);
  if (result.status !== 0) throw failure('could not make its data folder', folder);
}

/** The server runs them before it listens: one statement on each line. */
function writeFirstStatements(folder: string, password: string): void {
  const statements = [
    'CREATE DATABASE slowpath CHARACTER SET utf8mb4;',
    `CREATE USER slowpath@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO slowpath@'127.0.0.1';`,
  ];
  writeFileSync(join(folder, 'first.sql'), `${statements.join('\n')}\n`, { mode: 0o600 });
}

/** In a process group of its own: a Ctrl-C in the terminal reaches this process alone, which then tidies up. */
function spawnServer(mariadbd: string, folder: string, port: number): ChildProcess {
  const places = [
    `--datadir=${join(folder, 'data')}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--init-file=${join(folder, 'first.sql')}`,
  ];
  // A root must say that it means to run it as root.
  const args = ['--no-defaults', ...places, `--user=${userInfo().username}`, `--port=${port}`, ...serverSettings];
  const log = openSync(join(folder, 'log'), 'a');
  const server = spawn(mariadbd, args, { cwd: folder, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  server.on('error', () => undefined); // `untilReady` sees that it has no process
  server.unref();
  return server;
}

/** Its standard input closes however this process ends, SIGKILL included. */
function spawnGuardian(folder: string, serverPid: number | undefined): ChildProcess {
  const script = fileURLToPath(new URL('mariadb-guardian.ts', import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '' };
  const args = [script, folder, String(serverPid ?? '')];
  const guardian = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env });
  guardian.unref();
  return guardian;
}

/** True when it takes connections, false when it has ended. */
async function untilReady(server: ChildProcess, folder: string): Promise<boolean> {
  for (const deadline = Date.now() + startMsMax; Date.now() < deadline; await sleep(20)) {
    if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return false;
    // It writes this file when it listens.
    if (existsSync(join(folder, 'pid')) && readLog(folder).includes('ready for connections')) return true;
  }
  throw failure(`was not ready after ${startMsMax / 1000} s`, folder);
}

function failure(what: string, folder: string): EnvironmentError {
  return new EnvironmentError(`The tests' own MariaDB ${what}:\n  ${lastLogLines(folder)}\n${howToGetOne}`);
}
