import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { readSettings } from '../../core/settings.ts';
import { environmentSuppressions } from '../../instrumentation/suppressions.ts';
import { runApp, serverSpan } from '../support/app-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'slowpath-suppressions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = { table: 'users', reason: 'known', until: '2999-12-31' };
const read = (environment: Readonly<Record<string, string>>) =>
  environmentSuppressions(
    readSettings(environment, { thresholds: [], unredacted: [], cacheChannels: [], signals: [] }).settings,
  );

function fileWith(text: string): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(path, text);
  return path;
}

/** Nobody writes into it: reading it would wait for ever. */
function pipe(): string {
  const path = join(folder, `pipe-${Math.random().toString(36).slice(2)}`);
  execFileSync('mkfifo', [path]);
  return path;
}

describe('suppressions of the environment', () => {
  it('are none in an empty one', () => {
    expect(read({})).toEqual({ suppressions: [], problems: [] });
  });

  it('come from the variable and from the file', () => {
    const path = fileWith(JSON.stringify([{ ...entry, table: 'orders' }]));
    const { suppressions, problems } = read({
      SLOWPATH_SUPPRESS: JSON.stringify([entry]),
      SLOWPATH_SUPPRESS_FILE: path,
    });
    expect(suppressions.map(({ table }) => table)).toEqual(['users', 'orders']);
    expect(problems).toEqual([]);
  });

  it.each<[string, () => Readonly<Record<string, string>>, string]>([
    ['a text that is no JSON', () => ({ SLOWPATH_SUPPRESS: 'users' }), 'SLOWPATH_SUPPRESS is no JSON.'],
    ['an object', () => ({ SLOWPATH_SUPPRESS: '{}' }), 'SLOWPATH_SUPPRESS is not a list of suppressions.'],
    [
      'a file that is not there',
      () => ({ SLOWPATH_SUPPRESS_FILE: join(folder, 'none.json') }),
      'cannot be read: ENOENT.',
    ],
    ['a folder', () => ({ SLOWPATH_SUPPRESS_FILE: folder }), 'is no file.'],
    ['a pipe', () => ({ SLOWPATH_SUPPRESS_FILE: pipe() }), 'is no file.'],
    ['a device', () => ({ SLOWPATH_SUPPRESS_FILE: '/dev/zero' }), 'is no file.'],
    ['a file of another kind', () => ({ SLOWPATH_SUPPRESS_FILE: fileWith('\u0000\u0001') }), 'is no JSON.'],
    [
      'a file that is too large',
      () => ({ SLOWPATH_SUPPRESS_FILE: fileWith(' '.repeat(1_048_577)) }),
      'is larger than 1 MiB.',
    ],
  ])('are none, with one line, where %s stands', (_what, environment, line) => {
    const { suppressions, problems } = read(environment());
    expect(suppressions).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(line);
  });
});

const databaseUrl = inject('databaseUrl');

describe.skipIf(databaseUrl === '')('an application with suppressions', () => {
  it('hears nothing of what it accepts, something of what has expired, and of the rest as ever', async () => {
    const path = fileWith(
      JSON.stringify([
        { table: 'users', kind: 'n-plus-one', reason: 'known', until: '2999-12-31' },
        { table: 'users', reason: 'was to be fixed by then', until: '2020-01-01' },
        { table: 'users' },
      ]),
    );
    const env = { DATABASE_URL: databaseUrl, SLOWPATH_SUPPRESS_FILE: path, SLOWPATH_FINDING_LOG: 'on' };
    const { receiver, app } = await runApp({ file: 'tests/fixtures/app-http.mjs', env }, async (url) => {
      for (const route of ['/loop', '/duplicate']) await (await fetch(url + route)).arrayBuffer();
    });
    expect(serverSpan(receiver.traceOf('/loop')).attributes['slowpath.findings']).toBeUndefined();
    expect(serverSpan(receiver.traceOf('/duplicate')).attributes['slowpath.findings']).toEqual(['duplicate-query']);
    expect(app.stderr).toContain(
      'slowpath: a suppression expired on 2020-01-01 (was to be fixed by then): what it named is reported again.',
    );
    expect(app.stderr).toContain(`SLOWPATH_SUPPRESS_FILE (${path})[2] has no reason.`);
    expect(app.stderr).not.toContain('n-plus-one in');
    expect(app.stderr).toContain('duplicate-query in');
  });
});
