import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppProcess, runApp } from '../support/app-process.ts';

const NAMES = ['x-response-time-ms', 'x-query-count', 'server-timing'] as const;

async function headersOf(
  paths: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, Readonly<Record<string, string | null>>>>> {
  const found: Record<string, Record<string, string | null>> = {};
  await runApp({ file: 'tests/fixtures/app-own-headers.mjs', env }, async (url) => {
    for (const path of paths) {
      const response = await fetch(url + path);
      await response.arrayBuffer();
      found[path] = Object.fromEntries(NAMES.map((name) => [name, response.headers.get(name)]));
    }
  });
  return found;
}

/** The head of the raw answer, without what changes from run to run and without ours. */
async function rawHeads(paths: readonly string[], withSlowpath: boolean): Promise<readonly string[]> {
  const heads: string[] = [];
  const app = AppProcess.start({
    file: 'tests/fixtures/app-own-headers.mjs',
    withSlowpath,
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  try {
    const { port } = new URL(await app.url());
    for (const path of paths) heads.push(await rawAnswer(Number(port), path));
  } finally {
    app.kill();
  }
  return heads;
}

function rawAnswer(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      const changing = /^(?:Date|X-Response-Time-Ms|X-Query-Count: \d|Server-Timing: total).*\r\n/gm;
      resolve(text.replaceAll(changing, ''));
    });
  });
}

describe('response headers', () => {
  it('change nothing else, byte for byte, in whatever form the application gives its own', async () => {
    const paths = [
      '/pairs',
      '/repeated',
      '/list-values',
      '/get-headers',
      '/reason-undefined',
      '/write-head-array',
      '/empty',
    ];
    const heads = await rawHeads(paths, true);
    expect(heads).toEqual(await rawHeads(paths, false));
    expect(heads[1]).toMatch(/A: 1\r\nB: 2\r\nA: 3/);
  });

  it('leave what the application has set, however it was set', async () => {
    const paths = ['/set-header', '/write-head-object', '/write-head-array'];
    const found = await headersOf(paths);
    for (const path of paths) {
      expect(found[path], path).toMatchObject({ 'x-query-count': 'mine', 'server-timing': 'mine' });
      expect(found[path]?.['x-response-time-ms'], path).toMatch(/^\d+\.\d$/);
    }
  });

  it('are written by whatever call sends the head', async () => {
    const paths = ['/write', '/early-hints', '/flush', '/empty'];
    const found = await headersOf(paths);
    for (const path of paths) expect(found[path]?.['x-response-time-ms'], path).toMatch(/^\d+\.\d$/);
  });

  it('state no query count while nothing observes queries', async () => {
    const found = await headersOf(['/write']);
    expect(found['/write']).toMatchObject({ 'x-query-count': null });
    expect(found['/write']?.['server-timing']).toMatch(/^total;dur=\d+\.\d$/);
  });

  it.each([
    ['in production', { NODE_ENV: 'production' }],
    ['when they are switched off', { SLOWPATH_RESPONSE_HEADERS: 'off' }],
  ])('are absent %s', async (_name, env) => {
    const found = await headersOf(['/write'], env);
    expect(found['/write']).toEqual({ 'x-response-time-ms': null, 'x-query-count': null, 'server-timing': null });
  });

  it('are there in production when they are switched on', async () => {
    const found = await headersOf(['/write'], { NODE_ENV: 'production', SLOWPATH_RESPONSE_HEADERS: 'on' });
    expect(found['/write']?.['x-response-time-ms']).toMatch(/^\d+\.\d$/);
  });
});
