import { describe, expect, it } from 'vitest';
import { runApp } from '../support/app-process.ts';

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

describe('response headers', () => {
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
