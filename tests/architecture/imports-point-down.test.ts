import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each folder may import: folders of ours, then packages. `node:` modules are free where the list says so. */
interface Layer {
  readonly folders: readonly string[];
  readonly packages: RegExp;
}

/** Builtins without I/O: randomness, and telling what kind of value something is. */
const NO_PACKAGE = /^node:(?:crypto|util)$/;
const API_ONLY = /^(?:node:.+|@opentelemetry\/api)$/;
const ANY_PACKAGE = /^[^.]/;

const LAYERS: Readonly<Record<string, Layer>> = {
  core: { folders: ['core'], packages: NO_PACKAGE },
  sql: { folders: ['core', 'sql'], packages: NO_PACKAGE },
  analysis: { folders: ['core', 'sql', 'analysis'], packages: NO_PACKAGE },
  monitor: { folders: ['core', 'sql', 'monitor'], packages: NO_PACKAGE },
  report: { folders: ['core', 'sql', 'analysis', 'monitor', 'report'], packages: NO_PACKAGE },
  request: { folders: ['core', 'sql', 'analysis', 'monitor', 'request'], packages: API_ONLY },
  processors: {
    folders: ['core', 'sql', 'analysis', 'monitor', 'request', 'processors'],
    packages: /^@opentelemetry\/(?:api|sdk-trace)$/,
  },
  cache: {
    folders: ['core', 'sql', 'analysis', 'monitor', 'request', 'cache'],
    packages: /^(?:node:.+|@opentelemetry\/api|lru-cache)$/,
  },
  testing: {
    folders: ['cache', 'core', 'sql', 'analysis', 'monitor', 'request', 'processors', 'report', 'testing'],
    packages: ANY_PACKAGE,
  },
  instrumentation: {
    folders: ['cache', 'core', 'sql', 'analysis', 'monitor', 'request', 'processors', 'report', 'instrumentation'],
    packages: ANY_PACKAGE,
  },
};

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g;

/** Every import in `source` that its layer may not make, as `file imports target`. */
function offencesIn(file: string, source: string, layer: Layer): readonly string[] {
  return Array.from(source.matchAll(IMPORT), (match) => match[1] ?? '')
    .filter((target) => {
      if (!target.startsWith('.')) return !layer.packages.test(target);
      const folder = join(dirname(file), target).split('/')[0] ?? '';
      return !layer.folders.includes(folder);
    })
    .map((target) => `${file} imports ${target}`);
}

describe.each(Object.entries(LAYERS))('%s/', (folder, layer) => {
  const files = globSync(`${folder}/**/*.ts`);

  it('imports only what its layer may', () => {
    expect(files.length, `no files found in ${folder}/`).toBeGreaterThan(0);
    expect(files.flatMap((file) => offencesIn(file, readFileSync(file, 'utf8'), layer))).toEqual([]);
  });

  it('goes up two folders at most', () => {
    expect(files.filter((file) => readFileSync(file, 'utf8').includes('../../../'))).toEqual([]);
  });
});

it('names every folder that the package is built from', () => {
  const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8')) as { include: string[] };
  const folders = include.filter((pattern) => pattern.includes('/')).map((pattern) => pattern.split('/')[0]);
  expect(folders.toSorted()).toEqual(Object.keys(LAYERS).toSorted());
});

it.each([
  [
    'an import upward',
    "import { LiveRequest } from '../request/live-request.ts';",
    'core/x.ts imports ../request/live-request.ts',
  ],
  [
    'a type import upward',
    "import type { Finding } from '../analysis/detector.ts';",
    'core/x.ts imports ../analysis/detector.ts',
  ],
  ['a dynamic import', "const { trace } = await import('@opentelemetry/api');", 'core/x.ts imports @opentelemetry/api'],
  ['a re-export of a package', "export { Pool } from 'pg';", 'core/x.ts imports pg'],
])('catches %s', (_name, source, offence) => {
  expect(offencesIn('core/x.ts', source, LAYERS['core'] ?? { folders: [], packages: NO_PACKAGE })).toEqual([offence]);
});
