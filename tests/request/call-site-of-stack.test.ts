import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCallPath } from '../../request/call-site-of-stack.ts';
import {
  MAX_BYTES_READ,
  MAX_MAP_LENGTH,
  MAX_MAPPED_FILES,
  MAX_MAPPED_PLACES,
  SourceMaps,
} from '../../request/call-site-source-map.ts';
import type { StackFrame } from '../../request/call-site-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'slowpath-maps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROOT = new URL('../../', import.meta.url).pathname;

/** Frames as `file:line`, innermost first. */
function frames(...places: readonly string[]): readonly StackFrame[] {
  return places.map((place) => {
    const [, file = '', line = ''] = /^(.*):(\d+)$/.exec(place) ?? [];
    return { file, line: Number(line), column: 3, functionName: undefined };
  });
}

/** The first line of the application, and the client. */
function located(places: readonly string[], maps = new SourceMaps()): string | undefined {
  const path = readCallPath(frames(...places), maps, '/srv/shop');
  const [site] = path?.lines ?? [];
  return site && `${site.file}:${site.line} ${path?.client ?? '-'}`;
}

describe('the line of the application in a stack', () => {
  it.each([
    [
      'the first outside of packages and Node',
      ['/srv/shop/node_modules/pg/lib/client.js:9', 'node:events:1', '/srv/shop/src/a.js:7', '/srv/shop/src/b.js:8'],
      'src/a.js:7 pg',
    ],
    ['a file URL, with what a cache breaker puts behind it', ['file:///srv/shop/src/a.mjs?v=2:7'], 'src/a.mjs:7 -'],
    ['absolute when it lies elsewhere', ['/srv/lib/db.js:7'], '/srv/lib/db.js:7 -'],
    ['in a workspace, which a link leads to', ['/srv/packages/orders/a.js:7'], '/srv/packages/orders/a.js:7 -'],
    [
      'in a folder that is only called like the packages',
      ['/srv/shop/my_node_modules/a.js:7'],
      'my_node_modules/a.js:7 -',
    ],
    ['none in evaluated code', ['evalmachine.<anonymous>:1', '[eval]:1', 'REPL1:1', 'node:internal/a:1'], undefined],
    ['none in a file of another host', ['file://host/srv/x.js:1', '/srv/shop/a.js:7'], 'a.js:7 -'],
    [
      'none in what was given an address for its name',
      ['/srv/shop/jane@example.com.js:1', '/srv/shop/a.js:7'],
      'a.js:7 -',
    ],
    [
      'none in what is no source',
      ['/srv/shop/uploads/jane.pdf:1', '/srv/shop/a\n.js:1', '/srv/shop/a.ts:7'],
      'a.ts:7 -',
    ],
    [
      'none with a name of more than 200 characters',
      [`/srv/shop/${'x'.repeat(200)}.js:1`, '/srv/shop/a.js:7'],
      'a.js:7 -',
    ],
    ['in a file of a route', ['/srv/shop/app/(shop)/[id]/@modal/$page.tsx:7'], 'app/(shop)/[id]/@modal/$page.tsx:7 -'],
    ['none in packages alone', ['/srv/shop/node_modules/pg/lib/client.js:9'], undefined],
    [
      'not in slowpath itself',
      [`${ROOT}request/live-request.ts:9`, `${ROOT}instrumentation/start.ts:9`, '/srv/shop/a.js:7'],
      'a.js:7 -',
    ],
    ['but in the tests beside it', [`${ROOT}tests/fixtures/a.js:7`], `${ROOT}tests/fixtures/a.js:7 -`],
  ])('is %s', (_, places, expected) => {
    expect(located(places)).toBe(expected);
  });

  it.each([
    ['knex', ['pg', 'knex']],
    ['objection', ['pg', 'knex', 'objection']],
    ['mikro-orm', ['mysql2', 'knex', '@mikro-orm/knex', '@mikro-orm/core']],
    ['prisma', ['pg', '@prisma/adapter-pg', '@prisma/client', 'express']],
    ['drizzle', ['pg-pool', 'drizzle-orm']],
    ['typeorm', ['.pnpm/pg@8.0.0/node_modules/pg', '.pnpm/typeorm@1.0.0/node_modules/typeorm']],
    ['pg', ['pg', 'express']],
  ])('tells that it calls %s: the outermost that is known', (client, packages) => {
    const places = packages.map((name) => `/srv/shop/node_modules/${name}/index.js:1`);
    const beyond = '/srv/shop/node_modules/sequelize/index.js:1';
    expect(located([...places, '/srv/shop/a.js:7', beyond])).toBe(`a.js:7 ${client}`);
  });

  it.each([
    ['load', true],
    ['Orders.load', true],
    ['get total', true],
    ['Orders.#load', true],
    ['Orders.find [as load]', true],
    ['sha256', true],
    ['jane@example.com', false],
    ['Jane Smith', false],
    ['4111111111111111', false],
    ['token12345', false],
    ['a1b2c3d4e5f6a7b8', false],
    ['\u001b[31mred', false],
    ['load\n', false],
    ['x'.repeat(101), false],
  ])('names the function %j: %s', (functionName, isShown) => {
    const frame = { file: '/srv/shop/a.js', line: 7, column: 3, functionName };
    const [site] = readCallPath([frame], new SourceMaps(), '/srv/shop')?.lines ?? [];
    expect(site).toEqual({ file: 'a.js', line: 7, column: 3, ...(isShown && { functionName }) });
  });

  it('keeps its absolute path when the working directory is gone', () => {
    const path = readCallPath(frames('/srv/shop/a.js:7'), new SourceMaps(), undefined);
    expect(path?.lines[0]?.file).toBe('/srv/shop/a.js');
  });

  it('keeps the callers behind it, four lines in all', () => {
    const places = [1, 2, 3, 4, 5].map((n) => `/srv/shop/${n}.js:${n}`);
    const path = readCallPath(frames(...places), new SourceMaps(), '/srv/shop');
    expect(path?.lines.map(({ file }) => file)).toEqual(['1.js', '2.js', '3.js', '4.js']);
  });
});

/** Every line n of the built file is line n + 10 of the source. */
function mapOf(source: string, sourceRoot?: string): string {
  const mappings = ['AAUA', ...Array.from({ length: 20 }, () => 'AACA')].join(';');
  return JSON.stringify({
    version: 3,
    sources: [source],
    names: [],
    mappings,
    ...(sourceRoot !== undefined && { sourceRoot }),
  });
}

let fileCount = 0;

/** Writes a built file with that last line. */
function built(end: string, map?: string): string {
  const name = `${++fileCount}.js`;
  writeFileSync(join(folder, name), `${'work();\n'.repeat(20)}${end.replace('<map>', `${name}.map`)}\n`);
  if (map !== undefined) writeFileSync(join(folder, `${name}.map`), map);
  return join(folder, name);
}

const BESIDE = '//# sourceMappingURL=<map>';

describe('a built file', () => {
  it.each([
    ['beside it', '../src/a.ts', join(folder, '../src/a.ts')],
    ['as a URL', 'file:///srv/shop/src/a.ts', 'src/a.ts'],
    ['absolute', '/srv/shop/src/a.ts', 'src/a.ts'],
    ['from webpack', 'webpack://shop/./src/a.ts?1a2b', 'src/a.ts'],
    ['from an older webpack', 'webpack:///./src/a.ts', 'src/a.ts'],
    ['from turbopack', 'turbopack://[project]/src/a.ts', 'src/a.ts'],
  ])('leads to its source by a map: %s', (_, source, expected) => {
    expect(located([`${built(BESIDE, mapOf(source))}:2`])).toBe(`${expected}:12 -`);
  });

  it('leads to its source from the root that the map names', () => {
    expect(located([`${built(BESIDE, mapOf('a.ts', '/srv/shop/src'))}:2`])).toBe('src/a.ts:12 -');
  });

  it('leads to its source by a map inside of it', () => {
    const data = Buffer.from(mapOf('/srv/shop/src/a.ts')).toString('base64');
    expect(located([`${built(`//# sourceMappingURL=data:application/json;charset=utf-8;base64,${data}`)}:3`])).toBe(
      'src/a.ts:13 -',
    );
  });

  it('may hold packages: those are none of the application', () => {
    const file = built(BESIDE, mapOf('webpack://shop/./node_modules/knex/lib/runner.js'));
    expect(located([`${file}:2`, '/srv/shop/a.js:7'])).toBe('a.js:7 knex');
  });

  it.each([
    ['has no map', '// the end', undefined],
    ['names a map that is not there', BESIDE, undefined],
    ['has a map that cannot be read', BESIDE, '{"version":3,'],
    ['has a map without this line', BESIDE, JSON.stringify({ version: 3, sources: [], names: [], mappings: '' })],
    ['has a map that is too large', BESIDE, mapOf('/srv/shop/src/a.ts').padEnd(MAX_MAP_LENGTH + 1)],
    ['names a map elsewhere', '//# sourceMappingURL=https://maps.example/a.js.map', undefined],
  ])('is named itself when it %s', (_, end, map) => {
    const file = built(end, map);
    expect(located([`${file}:2`])).toBe(`${file}:2 -`);
  });

  it('is named itself when its map calls the source something else', () => {
    const file = built(BESIDE, mapOf('webpack://shop/./jane@example.com'));
    expect(located([`${file}:2`])).toBe(`${file}:2 -`);
  });

  it('is not waited for when it or its map is a pipe or a device', () => {
    const pipe = join(folder, 'pipe.js');
    execFileSync('mkfifo', [pipe]);
    const beside = built('//# sourceMappingURL=pipe.js');
    const endless = built('//# sourceMappingURL=/dev/zero');
    for (const file of [pipe, beside, endless]) expect(located([`${file}:2`])).toBe(`${file}:2 -`);
  });

  it('is read while no more than 8 MiB were, in all', () => {
    const maps = new SourceMaps();
    const map = mapOf('/srv/shop/src/a.ts').padEnd(MAX_MAP_LENGTH);
    const shown = Array.from({ length: 10 }, () => located([`${built(BESIDE, map)}:2`], maps));
    expect(shown.filter((line) => line === 'src/a.ts:12 -')).toHaveLength(7);
    expect(maps.bytesRead).toBeLessThanOrEqual(MAX_BYTES_READ);
  });

  it(`has its last ${MAX_MAPPED_PLACES} places remembered`, () => {
    const maps = new SourceMaps();
    const file = built(BESIDE, mapOf('/srv/shop/src/a.ts'));
    for (let n = 0; n < 2 * MAX_MAPPED_PLACES; n++) maps.find(file, 2, n + 1);
    expect(maps.find(file, 2, 3)).toMatchObject({ line: 12 });
  });

  it('is read once', () => {
    const maps = new SourceMaps();
    const file = built(BESIDE, mapOf('/srv/shop/src/a.ts'));
    expect(located([`${file}:2`], maps)).toBe('src/a.ts:12 -');
    rmSync(`${file}.map`);
    expect(located([`${file}:2`], maps)).toBe('src/a.ts:12 -');
    const without = built(BESIDE);
    expect(located([`${without}:2`], maps)).toBe(`${without}:2 -`);
    writeFileSync(`${without}.map`, mapOf('/srv/shop/src/a.ts'));
    expect(located([`${without}:2`], maps)).toBe(`${without}:2 -`);
  });

  it(`is one of ${MAX_MAPPED_FILES}: no further one is read`, () => {
    const maps = new SourceMaps();
    for (let n = 0; n < MAX_MAPPED_FILES; n++) located([`/srv/shop/${n}.js:1`], maps);
    const file = built(BESIDE, mapOf('/srv/shop/src/a.ts'));
    expect(located([`${file}:2`], maps)).toBe(`${file}:2 -`);
  });
});
