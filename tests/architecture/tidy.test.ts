import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const SOURCES = globSync([
  'index.ts',
  '{core,sql,analysis,monitor,request,cache,processors,report,instrumentation,testing,scripts,examples}/**/*.ts',
]);
const TEXTS = [
  ...SOURCES,
  ...globSync(['*.md', 'docs/**/*.md', 'tests/**/*.ts', 'collector-config/*.yaml', '*.yaml']),
].filter((file) => !file.includes('node_modules'));
const LINES_MAX = 300;

it('finds the files that it looks at', () => {
  expect(SOURCES.length).toBeGreaterThan(60);
  expect(TEXTS.length).toBeGreaterThan(SOURCES.length);
});

it(`keeps every source file within ${LINES_MAX} lines`, () => {
  const long = SOURCES.map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }));
  expect(long.filter(({ lines }) => lines > LINES_MAX)).toEqual([]);
});

it.each([
  ['a suppressed type error', /@ts-(?:ignore|nocheck|expect-error)/],
  ['an enum', /^\s*(?:export )?(?:const )?enum /m],
])('has no %s', (_name, pattern) => {
  expect(SOURCES.filter((file) => pattern.test(readFileSync(file, 'utf8')))).toEqual([]);
});

it('names attributes in core/semconv.ts alone', () => {
  const own = /['"](?:slowpath\.(?:query|finding|slow|endpoint|n_plus_one|findings|transaction)[a-z_.]*)['"]/;
  const offences = SOURCES.filter(
    (file) => file !== 'core/semconv.ts' && !file.startsWith('testing/') && own.test(readFileSync(file, 'utf8')),
  );
  // Symbols of the same spelling are keys of spans, not attributes.
  expect(offences.filter((file) => !readFileSync(file, 'utf8').includes('Symbol.for('))).toEqual([]);
});
