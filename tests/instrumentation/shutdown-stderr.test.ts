import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REGISTER, ROOT } from '../support/app-process.ts';

const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|SLOWPATH_|NODE_OPTIONS$|NODE_ENV$|VITEST)/.test(name)),
);

interface Run {
  readonly answers: readonly string[];
  readonly code: unknown;
  readonly signal: unknown;
}

/** Runs the application with a standard error that nobody reads: closed on our side, or open and left to fill up. */
async function run(stderr: 'closed' | 'unread', withSlowpath: boolean, env: Record<string, string>): Promise<Run> {
  const child = spawn(
    process.execPath,
    [...(withSlowpath ? ['--import', REGISTER] : []), join(ROOT, 'tests/fixtures/app-shutdown.mjs')],
    { env: { ...INHERITED, OTEL_TRACES_EXPORTER: 'none', ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'close');
  try {
    if (stderr === 'closed') child.stderr.destroy();
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const port = /listening (\d+)/.exec(chunk.toString())?.[1];
    const answers: string[] = [];
    for (const path of ['/a', '/b', '/c']) {
      answers.push(await (await fetch(`http://127.0.0.1:${port}${path}`)).text());
    }
    child.kill('SIGTERM');
    child.stderr.resume();
    const [code, signal] = (await ended) as [unknown, unknown];
    return { answers, code, signal };
  } finally {
    child.kill('SIGKILL');
  }
}

// Every request is a finding, and every finding a line.
const FINDINGS = { SLOWPATH_SLOW_ENDPOINT_MIN_MS: '1', SLOWPATH_FINDING_LOG: 'on', SLOW_MS: '20' };

describe('standard error whose reader has gone', () => {
  it.each([
    ['findings', FINDINGS],
    ['a report', { ...FINDINGS, SLOWPATH_REPORT: 'text' }],
    ['a setting that is refused', { ...FINDINGS, SLOWPATH_SLOW_QUERY_MIN_MS: 'fast' }],
  ])('is no trouble for an application with %s', async (_name, env) => {
    const [bare, traced] = await Promise.all([run('closed', false, env), run('closed', true, env)]);
    expect(traced).toEqual(bare);
    expect(traced).toMatchObject({ answers: ['/a', '/b', '/c'], code: null, signal: 'SIGTERM' });
  });
});

describe('standard error that is full', () => {
  it('does not stop the application', async () => {
    const env = { ...FINDINGS, FILL_STDERR: 'yes' };
    const [bare, traced] = await Promise.all([run('unread', false, env), run('unread', true, env)]);
    expect(traced).toEqual(bare);
    expect(traced).toMatchObject({ answers: ['/a', '/b', '/c'], code: null, signal: 'SIGTERM' });
  });
});
