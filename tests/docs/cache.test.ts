import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TTL, FIRST_TIER_TTL, MAX_ENTRIES, type CheckedOptions } from '../../cache/cache-options.ts';
import { CacheManager } from '../../cache/cache-manager.ts';
import type { GetOrComputeOptions } from '../../cache/value-policy.ts';
import { codeBlocksOf, read, tableRowsOf } from './markdown.ts';

const page = read('docs/cache.md');
const rows = tableRowsOf(page);

/** The names in the first cells of all tables: a cell may have several, and calls with their parameters. */
const named = new Set(rows.flatMap(([cell = '']) => cell.split(', ').map((name) => name.replace(/\(.*| .*/, ''))));

/** Written out, so that the compiler refuses a list that lacks one. */
const CACHE_OPTIONS: Record<Exclude<keyof CheckedOptions, 'entryClock'>, true> = {
  name: true,
  maxEntries: true,
  maxBytes: true,
  sizeOf: true,
  defaultTtl: true,
  ttlJitter: true,
  store: true,
  firstTierTtl: true,
  enabled: true,
  spans: true,
  spanKeys: true,
  sentryCompat: true,
  clock: true,
  random: true,
};
const LOOKUP_OPTIONS: Record<keyof GetOrComputeOptions, true> = {
  ttl: true,
  tags: true,
  staleSeconds: true,
  errorTtl: true,
  softTimeoutMs: true,
  hardTimeoutMs: true,
  signal: true,
  earlyRefreshBeta: true,
  bypass: true,
  scope: true,
};

describe('docs/cache.md', () => {
  it.each([
    ['option of a cache', Object.keys(CACHE_OPTIONS)],
    // `scope: 'user'` is its only value.
    ['option of a look-up', Object.keys(LOOKUP_OPTIONS)],
    ['field of the statistics', Object.keys(new CacheManager().stats())],
    [
      'method',
      Object.getOwnPropertyNames(CacheManager.prototype).filter((name) => !/^(?:constructor|read)$/.test(name)),
    ],
  ])('has a row for every %s', (_what, names) => {
    expect(names.length).toBeGreaterThan(8);
    const isNamed = (name: string): boolean => named.has(name) || named.has(`${name}:`);
    expect(names.filter((name) => !isNamed(name))).toEqual([]);
  });

  it('states the defaults', () => {
    const defaultOf = (option: string): string | undefined => rows.find(([name]) => name === option)?.[1];
    expect(defaultOf('maxEntries')?.replace(' ', '')).toBe(String(MAX_ENTRIES));
    expect(defaultOf('defaultTtl')).toBe(`${DEFAULT_TTL} s`);
    expect(page).toContain(`memory keeps values for ${FIRST_TIER_TTL} seconds at most (\`firstTierTtl\`)`);
  });

  it('begins with a program that prints what stands below it', () => {
    const blocks = codeBlocksOf(page);
    const program = blocks.findIndex(({ info }) => info === 'ts run');
    // Within the repository, so that `slowpath` is this package.
    const folder = mkdtempSync(join('tests', 'docs-'));
    try {
      const file = join(folder, 'program.ts');
      writeFileSync(file, blocks[program]?.text ?? '');
      const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
      expect(printed).toBe(blocks[program + 1]?.text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
