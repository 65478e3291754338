import { type ChildProcess, execFileSync, spawn, type SpawnOptions, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from './environment-error.ts';
import { freePorts } from './free-ports.ts';
import {
  binariesFor,
  findPostgresBinaries,
  othersMayRead,
  type PostgresBinaries,
  type RunAs,
} from './postgres-binaries.ts';
import { removeCluster } from './remove-cluster.ts';
import { runAtExit } from './run-at-exit.ts';
import { ended, lastLogLines, readLog } from './server-process.ts';

const startMsMax = 30_000;
const portAttempts = 3;
const ownServer = 'Name a PostgreSQL server of your own in DATABASE_URL to go without the embedded one.';

// The data is thrown away, so nothing is done for its safety; nothing runs that would make timings differ from run to run.
const serverSettings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'dynamic_shared_memory_type=mmap',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_wal_size=4GB',
  'jit=off',
  'logging_collector=off',
  'lc_messages=C',
];

/** A running PostgreSQL server. `url` names its superuser, with a password made for this server. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Ends the server and removes its files. Close your connections first: they are cut. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on a free port of 127.0.0.1, with its data in a fresh temporary folder. It ends, and its folder
 * goes, with `stop()` or with this process, however that ends: by an exit, a signal, an error, and a moment later by SIGKILL.
 *
 * PostgreSQL refuses to run as root. A root therefore runs it as the user `nobody`, who exists everywhere.
 * @throws {EnvironmentError} if it cannot run here, with the server's own words and a way out.
 */
export async function startEmbeddedPostgres(): Promise<EmbeddedPostgres> {
  const runAs = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const installed = await findPostgresBinaries();
  const folder = makeFolder(runAs);
  const guardian = startGuardian(folder);
  let server: ChildProcess | undefined;
  const removeNow = (): void => {
    // Reaches a server that has not written its process id yet.
    server?.kill('SIGTERM');
    removeCluster(folder);
    guardian.kill('SIGKILL');
  };
  const keepAtExit = runAtExit(removeNow);
  const stop = async (): Promise<void> => {
    removeNow();
    keepAtExit();
    await Promise.all([server, guardian].map(ended));
  };
  try {
    const binaries = runAs === undefined ? installed : binariesFor(runAs, installed, join(folder, 'installation'));
    const password = randomBytes(18).toString('base64url');
    initialise(binaries, folder, password, runAs);
    for (let attempt = 1; ; attempt++) {
      const [port = 0] = await freePorts(1);
      server = await startServer(binaries, folder, port, runAs);
      if (await untilReady(server, folder))
        return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop };
      // Another process may have taken the port between our looking and the server's listening.
      if (attempt === portAttempts || !readLog(folder).includes('could not bind'))
        throw failure('did not start', folder);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

function unprivilegedUser(): RunAs {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch (cause) {
    const message = `PostgreSQL does not run as root, and this machine has no user "nobody" to run it as. ${ownServer}`;
    throw new EnvironmentError(message, { cause });
  }
}

/** In the system's temporary folder; for a root whose TMPDIR lets nobody else in, in /tmp. */
function makeFolder(runAs: RunAs | undefined): string {
  const parent = runAs === undefined || othersMayRead(tmpdir()) ? tmpdir() : '/tmp';
  const folder = mkdtempSync(join(parent, 'slowpath-postgres-'));
  if (runAs !== undefined) chownSync(folder, runAs.uid, runAs.gid);
  return folder;
}

/** In a process group of its own, as the server: a Ctrl-C in the terminal reaches this process alone, which then tidies up. */
function startGuardian(folder: string): ChildProcess {
  const script = fileURLToPath(new URL('postgres-guardian.ts', import.meta.url));
  const guardian = spawn(process.execPath, [script, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  guardian.unref();
  return guardian;
}

/**
 * Waits without letting the event loop turn, so that no signal handler removes the folder meanwhile: initdb leaves shared
 * memory behind when it is interrupted. It takes half a second, and in a process group of its own no Ctrl-C reaches it.
 */
function initialise(binaries: PostgresBinaries, folder: string, password: string, runAs?: RunAs): void {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (runAs !== undefined) chownSync(passwordFile, runAs.uid, runAs.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = [`--pgdata=${join(folder, 'data')}`, '--no-sync', ...login, ...locale];
  const log = openSync(join(folder, 'log'), 'a');
  const result = spawnSync(binaries.initdb, args, { ...programOptions(folder, log, runAs), timeout: startMsMax });
  closeSync(log);
  if (result.error !== undefined) throw cannotRun(result.error);
  if (result.status !== 0) throw failure('could not make its data folder', folder);
}

async function startServer(
  binaries: PostgresBinaries,
  folder: string,
  port: number,
  runAs?: RunAs,
): Promise<ChildProcess> {
  const settings = [`port=${port}`, ...serverSettings].flatMap((setting) => ['-c', setting]);
  const log = openSync(join(folder, 'log'), 'a');
  const server = spawn(
    binaries.postgres,
    ['-D', join(folder, 'data'), ...settings],
    programOptions(folder, log, runAs),
  );
  closeSync(log);
  server.unref();
  await once(server, 'spawn').catch((cause: unknown) => {
    throw cannotRun(cause);
  });
  return server;
}

function programOptions(folder: string, log: number, runAs: RunAs | undefined): SpawnOptions {
  const env = { ...process.env, LC_ALL: 'C' };
  return { cwd: folder, stdio: ['ignore', log, log], detached: true, windowsHide: true, env, ...runAs };
}

function cannotRun(cause: unknown): EnvironmentError {
  return new EnvironmentError(`The embedded PostgreSQL cannot be run: ${String(cause)}. ${ownServer}`, { cause });
}

/** True when it takes connections, false when it has ended. */
async function untilReady(server: ChildProcess, folder: string): Promise<boolean> {
  const pidFile = join(folder, 'data', 'postmaster.pid');
  for (const deadline = Date.now() + startMsMax; Date.now() < deadline; await sleep(20)) {
    if (server.exitCode !== null || server.signalCode !== null) return false;
    // The server writes its state into the eighth line of this file; pg_ctl waits for the same word.
    if (existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready') return true;
  }
  throw failure(`was not ready after ${startMsMax / 1000} s`, folder);
}

function failure(what: string, folder: string): EnvironmentError {
  return new EnvironmentError(`The embedded PostgreSQL ${what}:\n  ${lastLogLines(folder)}\n${ownServer}`);
}
