import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../scripts/postgres.ts';

const script = fileURLToPath(new URL('start-postgres-and-end.ts', import.meta.url));

/** How a process can end that has started a PostgreSQL and not stopped it, and its exit code. run-at-exit.test.ts has the others. */
const waysToEnd = [
  ['by itself', 'return', 0],
  ['by SIGINT', 'SIGINT', 130],
] as const;

describe('without a url', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postgres-test-'));
    chmodSync(folder, 0o755); // a root's server runs as another user, who must get in
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('starts a server that answers, and leaves no process and no file when it is stopped', async () => {
    const { started, exitCode } = await run('stop', { TMPDIR: folder });
    expect(exitCode).toBe(0);
    expect(started).toMatchObject({ embedded: true, answer: 42 });
    expect(started.url).toMatch(/^postgres:\/\/postgres:.+@127\.0\.0\.1:\d+\/postgres$/);
    expect(isRunning(started.serverPid)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(waysToEnd)('leaves no process and no file when its process ends %s', async (_, how, expectedExitCode) => {
    const { started, exitCode } = await run(how, { TMPDIR: folder });
    expect(exitCode).toBe(expectedExitCode);
    expect(started.answer).toBe(42);
    expect(readdirSync(folder)).toEqual([]);
    // It has ended, and is listed until the system has noticed: its parent is gone.
    await expect.poll(() => isRunning(started.serverPid), { timeout: 5000, interval: 20 }).toBe(false);
  });

  it('leaves no process and no file a moment after its process was ended by SIGKILL', async () => {
    const { started } = await run('SIGKILL', { TMPDIR: folder });
    await expect.poll(() => isRunning(started.serverPid), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
  });

  it('asks for a password', async () => {
    const postgres = await startPostgres();
    const url = new URL(postgres.url);
    url.password = 'guessed';
    const client = new Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow('password authentication failed');
    await postgres.stop();
  });
});

describe('with a url', () => {
  let server: Postgres | undefined;
  beforeAll(async () => {
    server = await startPostgres({ url: process.env['SLOWPATH_TEST_DATABASE_URL'] });
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('makes a database of its own, and drops it when it is stopped, whoever is still connected', async () => {
    const before = await databases(server);
    const postgres = await startPostgres({ url: server?.url });
    expect(postgres.embedded).toBe(false);
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => undefined); // the drop cuts this connection
    await client.connect();
    await client.query('CREATE TABLE mine (id int)');
    expect((await databases(server)).length).toBe(before.length + 1);
    await postgres.stop();
    expect(await databases(server)).toEqual(before);
  });

  it.each(waysToEnd)('drops its database when its process ends %s', async (_, how, expectedExitCode) => {
    const before = await databases(server);
    const { started, exitCode } = await run(how, { SERVER_URL: server?.url });
    expect(exitCode).toBe(expectedExitCode);
    expect(started).toMatchObject({ embedded: false, answer: 42 });
    expect(await databases(server)).toEqual(before);
  });

  it('says what is wrong with a url that names no PostgreSQL, without repeating its password', async () => {
    const error = startPostgres({ url: 'mysql://root:secret@127.0.0.1/x' });
    await expect(error).rejects.toThrow('Write postgres://user:password@host:5432/database');
    await expect(error).rejects.not.toThrow('secret');
  });

  it('says that nobody answers at the url', async () => {
    await expect(startPostgres({ url: 'postgres://me:secret@127.0.0.1:1/x' })).rejects.toThrow(
      /^Cannot create a database at 127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });
});

interface Started {
  readonly url: string;
  readonly embedded: boolean;
  readonly answer: number;
  /** 0 for a server that was there before. */
  readonly serverPid: number;
}

/** Runs the script in a process of its own; it says what it started, and then ends in the given way. */
async function run(
  how: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly started: Started; readonly exitCode: number | null }> {
  const isSignal = how.startsWith('SIG');
  const child = spawn(process.execPath, [script, isSignal ? 'wait' : how], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const output = isSignal ? firstChunk(child) : text(child.stdout);
  const started: Started = JSON.parse(await output);
  if (isSignal) child.kill(how as NodeJS.Signals);
  await exited;
  return { started, exitCode: child.exitCode };
}

async function firstChunk(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The process has no output.');
  const [chunk]: unknown[] = await once(child.stdout.setEncoding('utf8'), 'data');
  return String(chunk);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function databases(server: Postgres | undefined): Promise<readonly string[]> {
  const client = new Client({ connectionString: server?.url });
  await client.connect();
  const result = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database ORDER BY 1');
  await client.end();
  return result.rows.map(({ name }) => name);
}
