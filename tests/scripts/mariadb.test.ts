import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../scripts/lib/find-program.ts';
import { startMariadbServer } from '../../scripts/lib/mariadb-server.ts';
import { type Mariadb, startMariadb } from '../../scripts/mariadb.ts';
import { startMariadbOrSkip } from '../support/mariadb-or-skip.ts';

const script = fileURLToPath(new URL('start-mariadb-and-end.ts', import.meta.url));
const server = await startMariadbOrSkip();
afterAll(() => server?.stop());

describe.skipIf(findProgram('mariadbd') === undefined)('without a url', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mariadb-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('starts a server that answers, and leaves no process and no file when it is stopped', async () => {
    const { started, child, exited } = await run('stop', { TMPDIR: folder });
    expect(started).toMatchObject({ ownServer: true });
    expect(started.url).toMatch(/^mysql:\/\/slowpath:.+@127\.0\.0\.1:\d+\/slowpath$/);
    expect(ask(started.url, 'SELECT 6 * 7')).toBe('42');
    expect(isRunning(started.serverPid)).toBe(true);
    child.stdin?.write('stop\n');
    await exited;
    expect(child.exitCode).toBe(0);
    expect(isRunning(started.serverPid)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['by itself', 'return', 0],
    ['by SIGINT', 'SIGINT', 130],
  ])('leaves no process and no file when its process ends %s', async (_, how, expectedExitCode) => {
    const { started, child, exited } = await run(how, { TMPDIR: folder });
    await exited;
    expect(child.exitCode).toBe(expectedExitCode);
    expect(started.serverPid).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
    await expect.poll(() => isRunning(started.serverPid), { timeout: 5000, interval: 20 }).toBe(false);
  });

  it('leaves no process and no file a moment after its process was ended by SIGKILL', async () => {
    const { started } = await run('SIGKILL', { TMPDIR: folder });
    await expect.poll(() => isRunning(started.serverPid), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
  });

  it('asks for a password, and knows nobody else', async () => {
    const own = await startMariadb();
    const guessed = new URL(own.url);
    guessed.password = 'guessed';
    const root = new URL(own.url);
    root.username = 'root';
    root.password = '';
    expect(ask(own.url, 'SELECT 1')).toBe('1');
    expect(() => ask(guessed.href, 'SELECT 1')).toThrow('Access denied');
    expect(() => ask(root.href, 'SELECT 1')).toThrow(/Access denied|is not allowed/);
    await own.stop();
  });
});

describe('where none is to be had', () => {
  const isMissing =
    /^MariaDB is not installed here\. Install it \(Debian and Ubuntu: apt-get install mariadb-server\), or name/;
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('says how to get one', async () => {
    await expect(startMariadbServer(() => undefined)).rejects.toThrow(isMissing);
  });

  it('fails in CI', async () => {
    vi.stubEnv('CI', 'true');
    vi.stubEnv('SLOWPATH_TEST_MARIADB_URL', 'mysql://me@127.0.0.1:1');
    await expect(startMariadbOrSkip()).rejects.toThrow('Cannot use the MariaDB at 127.0.0.1:1');
  });

  it('says elsewhere that tests are skipped, and why', async () => {
    vi.stubEnv('CI', undefined);
    vi.stubEnv('SLOWPATH_TEST_MARIADB_URL', 'mysql://me@127.0.0.1:1');
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await startMariadbOrSkip()).toBeUndefined();
    expect(write.mock.calls.join()).toMatch(
      /^Tests that need MariaDB are skipped: Cannot use the MariaDB at 127\.0\.0\.1:1: /,
    );
  });
});

describe.skipIf(server === undefined)('with a url', () => {
  it('makes a database of its own, and drops it when it is stopped', async () => {
    const before = databases(server);
    const mariadb = await startMariadb({ url: server?.url });
    expect(mariadb.ownServer).toBe(false);
    expect(ask(mariadb.url, 'CREATE TABLE mine (id int); INSERT INTO mine VALUES (7); SELECT id FROM mine')).toBe('7');
    expect(databases(server)).toHaveLength(before.length + 1);
    await mariadb.stop();
    expect(databases(server)).toEqual(before);
  });

  it('drops its database when its process ends by SIGINT', async () => {
    const before = databases(server);
    const { started, child, exited } = await run('SIGINT', { SERVER_URL: server?.url });
    await exited;
    expect(child.exitCode).toBe(130);
    expect(started.ownServer).toBe(false);
    expect(databases(server)).toEqual(before);
  });

  it('says what is wrong with a url that names no MariaDB, without repeating its password', async () => {
    const error = startMariadb({ url: 'postgres://root:secret@127.0.0.1/x' });
    await expect(error).rejects.toThrow('Write mysql://user:password@host:3306/database');
    await expect(error).rejects.not.toThrow('secret');
  });

  it('says that nobody answers at the url', async () => {
    const error = startMariadb({ url: 'mysql://me:secret@127.0.0.1:1/x' });
    await expect(error).rejects.toThrow(/^Cannot use the MariaDB at 127\.0\.0\.1:1: .*Can't connect/s);
    await expect(error).rejects.not.toThrow('secret');
  });
});

interface Started {
  readonly url: string;
  readonly ownServer: boolean;
  /** 0 for a server that was there before. */
  readonly serverPid: number;
}

interface Run {
  readonly started: Started;
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
}

/** Runs the script in a process of its own; it says what it started, and then ends in the given way. */
async function run(how: string, environment: Readonly<Record<string, string | undefined>>): Promise<Run> {
  const isSignal = how.startsWith('SIG');
  const child = spawn(process.execPath, [script, isSignal ? 'wait' : how], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [chunk]: unknown[] = await once(child.stdout.setEncoding('utf8'), 'data');
  const started = JSON.parse(String(chunk)) as Started;
  if (isSignal) child.kill(how as NodeJS.Signals);
  return { started, child, exited };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function databases(mariadb: Mariadb | undefined): readonly string[] {
  return ask(mariadb?.url ?? '', 'SHOW DATABASES').split('\n');
}

/** What the server's own client prints, without headings. */
function ask(url: string, statement: string): string {
  const { hostname, port, username, password, pathname } = new URL(url);
  const args = [`--host=${hostname}`, `--port=${port || '3306'}`, `--user=${username}`, '--protocol=tcp', '-N', '-B'];
  const result = spawnSync(findProgram('mariadb') ?? '', ['--no-defaults', ...args, pathname.slice(1)], {
    input: statement,
    env: { MYSQL_PWD: password },
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout.trim();
}
