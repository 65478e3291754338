import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, PAGES, read } from './markdown.ts';

const readme = read('README.md');
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
};
describe.each(PAGES)('%s', (file) => {
  const text = read(file);

  it('names only npm scripts that exist', () => {
    expect(scriptsNamedIn(text).filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
  });

  it('names only entry points that the package exports', () => {
    expect(entryPointsNamedIn(text).filter((subpath) => !(subpath in manifest.exports))).toEqual([]);
  });

  it('links to files and headings that exist', () => {
    expect(linksOf(text).filter((target) => !isExternal(target) && !resolves(file, target))).toEqual([]);
  });

  it('names files and folders of the repository that exist', () => {
    expect(filesNamedIn(text).filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('README.md', () => {
  it('has been checked: commands, entry points, links and files', () => {
    expect(scriptsNamedIn(readme)).toEqual(['demo', 'test', 'demo']);
    expect(new Set(entryPointsNamedIn(readme))).toEqual(new Set(['./register', './processors']));
    expect(linksOf(readme).filter((target) => !isExternal(target)).length).toBeGreaterThan(8);
    expect(filesNamedIn(readme)).toEqual(
      expect.arrayContaining(['otel-collector.yaml', 'collector-config/jaeger.yaml']),
    );
  });

  it('names the tarball as npm pack does', () => {
    expect(readme).toContain(`slowpath-${manifest.version}.tgz`);
  });

  it('is short enough to be read', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(220);
  });
});

describe('the checks above', () => {
  it.each([
    ['a script', scriptsNamedIn('run `npm run demmo`')[0] ?? '', (name: string) => name in manifest.scripts],
    [
      'an entry point',
      entryPointsNamedIn('import "slowpath/next"')[0] ?? '',
      (name: string) => name in manifest.exports,
    ],
    ['a file', filesNamedIn('see docs/nowhere.md')[0] ?? '', existsSync],
    ['a link', linksOf('[here](docs/nowhere.md)')[0] ?? '', (target: string) => resolves('README.md', target)],
    [
      'a heading',
      linksOf('[here](docs/settings.md#nowhere)')[0] ?? '',
      (target: string) => resolves('README.md', target),
    ],
  ])('catch %s that does not exist', (_what, name, exists) => {
    expect(name).not.toBe('');
    expect(exists(name)).toBe(false);
  });
});

describe('CHANGELOG.md', () => {
  it('has the form of Keep a Changelog, with what is unreleased first', () => {
    const headings = read('CHANGELOG.md').match(/^#+ .+$/gm) ?? [];
    expect(headings.slice(0, 2)).toEqual(['# Changelog', '## [Unreleased]']);
    const groups = headings.filter((heading) => heading.startsWith('### '));
    expect(groups.length).toBeGreaterThan(0);
    expect(groups.filter((group) => !/^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(group))).toEqual(
      [],
    );
    const versions = headings.filter((heading) => heading.startsWith('## '));
    expect(
      versions.filter((version) => !/^## \[(?:Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$)/.test(version)),
    ).toEqual([]);
  });
});

describe('docs/decisions', () => {
  const decisions = PAGES.filter((file) => file.startsWith('docs/decisions/'));

  it('are dated, short, and say context, decision and consequences', () => {
    expect(decisions.length).toBeGreaterThan(0);
    for (const file of decisions) {
      expect(file).toMatch(/^docs\/decisions\/\d{4}-\d\d-\d\d-[a-z0-9-]+\.md$/);
      const text = read(file);
      expect(text.match(/^## .+$/gm), file).toEqual(['## Context', '## Decision', '## Consequences']);
      expect(text.split('\n').length, file).toBeLessThanOrEqual(61);
    }
  });
});

/** `npm run demo`, and `npm test`, which needs no `run`. */
function scriptsNamedIn(text: string): string[] {
  return Array.from(text.matchAll(/\bnpm (?:run ([a-z:]+)|(test|start)\b)/g), ([, ran, short]) => ran ?? short ?? '');
}

function entryPointsNamedIn(text: string): string[] {
  return Array.from(text.matchAll(/(?<![\w./-])slowpath\/([a-z]+)\b/g), ([, name]) => `./${name}`);
}

function isExternal(target: string): boolean {
  return /^[a-z]+:/.test(target);
}

function resolves(file: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const page = path === '' ? file : join(dirname(file), path);
  if (!existsSync(page)) return false;
  return anchor === undefined || anchorsOf(read(page)).includes(anchor);
}

/** Paths as they stand in backticks or commands: a folder of ours, then a slash. Patterns and planned folders are left out. */
function filesNamedIn(text: string): string[] {
  const folders =
    'analysis|collector-config|core|docs|examples|instrumentation|processors|report|scripts|testing|tests';
  const pattern = new RegExp(
    String.raw`(?<![\w./-])(?:(?:${folders})/[\w./-]*[\w]|otel-collector\.yaml|\.ci/run)(?![\w*<])`,
    'g',
  );
  return Array.from(text.matchAll(pattern), ([path]) => path);
}
