import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT, runApp } from '../support/app-process.ts';
import type { OtlpReceiver } from '../support/otlp-receiver.ts';

const FOLDER = 'tests/fixtures/call-sites';
const databaseUrl = inject('databaseUrl');
const MODULES = { mjs: 'esm', cjs: 'cjs' } as const;

/** Where the compiled `orders.ts` stands, by module system; a map stands beside it. */
const compiled = { esm: '', cjs: '' };
const folder = mkdtempSync(join(tmpdir(), 'slowpath-call-sites-'));

beforeAll(() => {
  for (const [system, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ] as const) {
    const outDir = join(folder, system);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const options = `--ignoreConfig --sourceMap --target es2023 --module ${system === 'esm' ? 'esnext' : 'commonjs'}`;
    execFileSync(process.execPath, [
      tsc,
      ...options.split(' '),
      '--ignoreDeprecations',
      '6.0',
      '--outDir',
      outDir,
      join(ROOT, FOLDER, 'orders.ts'),
    ]);
    writeFileSync(join(outDir, 'package.json'), JSON.stringify({ type }));
    compiled[system] = join(outDir, 'orders.js');
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `tests/…/app.mjs:42` of the line with that comment. */
function siteIn(file: string, marker: string): string {
  const lines = readFileSync(join(ROOT, FOLDER, file), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.endsWith(`// site: ${marker}`));
  if (at === -1) throw new Error(`${file} has no line for ${marker}`);
  return `${FOLDER}/${file}:${at + 1}`;
}

/** What the requests' findings say, without columns, in the order of the requests: `n-plus-one app.mjs:42`. */
function findingsOf(receiver: OtlpReceiver): readonly string[] {
  return receiver.spans
    .filter(({ kind }) => kind === 'SERVER')
    .toSorted((one, other) => one.startMs - other.startMs)
    .flatMap(({ events }) => events.filter(({ name }) => name === 'slowpath.finding'))
    .map(({ attributes }) => {
      const site = attributes['slowpath.finding.call_site'];
      const kind = String(attributes['slowpath.finding.kind']);
      return typeof site === 'string' ? `${kind} ${site.replace(/:\d+$/, '')}` : kind;
    });
}

/** Asks for the paths one after the other; the answers. */
async function ask(url: string, paths: readonly string[]): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const path of paths) answers.push(await (await fetch(`${url}${path}`)).json());
  return answers;
}

describe.skipIf(databaseUrl === '').each(['mjs', 'cjs'] as const)('the line behind a finding, app.%s', (extension) => {
  const file = `app.${extension}`;
  const start = (paths: readonly string[], env: Readonly<Record<string, string>> = {}, nodeArgs: string[] = []) => {
    const answers: unknown[] = [];
    const options = { DATABASE_URL: databaseUrl, ORDERS_FILE: compiled[MODULES[extension]], ...env };
    return runApp({ file: `${FOLDER}/${file}`, env: options, nodeArgs }, async (url) => {
      answers.push(...(await ask(url, paths)));
    }).then(({ receiver }) => ({ answers, findings: findingsOf(receiver) }));
  };

  it('is the line that asks, however it asks', async () => {
    const paths = ['/sequential', '/parallel', '/transaction', '/callbacks', '/other-file'];
    const { findings } = await start(paths);
    expect(findings).toEqual([
      `n-plus-one ${siteIn(file, 'sequential')}`,
      `n-plus-one ${siteIn(file, 'parallel')}`,
      `n-plus-one ${siteIn(file, 'transaction')}`,
      `n-plus-one ${siteIn(file, 'callbacks')}`,
      `n-plus-one ${siteIn('routes.cjs', 'other file')}`,
    ]);
  });

  it.each([
    ['the map beside the file', []],
    ["Node's own maps", ['--enable-source-maps']],
  ])('is in the TypeScript source, by %s', async (_, nodeArgs) => {
    const { findings } = await start(['/typescript'], {}, nodeArgs);
    expect(findings).toEqual([`n-plus-one ${siteIn('orders.ts', 'typescript')}`]);
  });

  it('is told of a slow query from its second time on', async () => {
    const { findings } = await start(['/slow', '/slow', '/slow']);
    const named = `slow-query ${siteIn(file, 'slow')}`;
    expect(findings).toEqual(['slow-query', named, named]);
  });

  it("leaves the pool's function as it looks", async () => {
    const options = {
      file: `${FOLDER}/${file}`,
      env: { DATABASE_URL: databaseUrl, ORDERS_FILE: compiled[MODULES[extension]] },
    };
    const answers: unknown[] = [];
    for (const withSlowpath of [true, false])
      await runApp(
        { ...options, withSlowpath },
        async (url) => void answers.push(...(await ask(url, ['/pool-query']))),
      );
    expect(answers).toEqual([
      ['query', 3, true],
      ['query', 3, true],
    ]);
  });

  it('is not looked for in a healthy request', async () => {
    const paths = ['/healthy', '/healthy', '/stacks-taken', '/sequential', '/stacks-taken'];
    const { answers } = await start(paths, {}, ['--require', join(ROOT, FOLDER, 'count-stacks.cjs')]);
    expect([answers[2], answers[4]]).toEqual([0, 1]);
  });
});

describe.skipIf(databaseUrl === '')('an application with stacks of its own', () => {
  it.each([['0'], ['3'], ['null']])('keeps its stackTraceLimit of %s and its prepareStackTrace', async (limit) => {
    let answers: readonly unknown[] = [];
    const env = { DATABASE_URL: databaseUrl, STACK_LIMIT: limit, SLOWPATH_SLOW_QUERY_MIN_MS: '10000' };
    const { receiver } = await runApp({ file: `${FOLDER}/own-stacks.cjs`, env }, async (url) => {
      answers = await ask(url, ['/sequential', '/settings']);
    });
    expect(findingsOf(receiver)).toEqual([`n-plus-one ${siteIn('own-stacks.cjs', 'own stacks')}`]);
    const own = JSON.parse(limit) as number | null;
    expect(answers).toMatchObject([{ callCount: 0 }, { limit: own, isOwnPrepare: true }]);
    if (own !== null) expect(answers[1]).toMatchObject({ stack: `own: mine ${own}`, callCount: 1 });
  });
});
