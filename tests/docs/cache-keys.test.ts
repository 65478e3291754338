import { describe, expect, it } from 'vitest';
import { cacheKeys } from '../../cache/cache-keys.ts';
import type { CounterDefinition, KeyDefinition } from '../../cache/cache-key.ts';
import { read, tableRowsOf } from './markdown.ts';

const rows = tableRowsOf(read('docs/cache-keys.md'));

/** The row that a pattern should have. */
function rowOf(name: string, definition: KeyDefinition | CounterDefinition): readonly string[] {
  if (!('ttl' in definition)) return [name, definition.pattern, 'the window', 'none'];
  return [name, definition.pattern, String(definition.ttl), definition.tagPatterns.join(', ')];
}

describe('docs/cache-keys.md', () => {
  it('has the table of all patterns, and of no other', () => {
    const expected = Object.entries(cacheKeys).flatMap(([group, keys]) =>
      Object.entries(keys).map(([name, { definition }]) => rowOf(`${group}.${name}`, definition)),
    );
    const heading = rows.findIndex(([, pattern]) => pattern === 'pattern');
    expect(expected).toHaveLength(23);
    expect(rows.slice(heading + 1)).toEqual(expected);
  });

  it('names every option of a definition', () => {
    const options = ['ttl', 'tags', 'staleSeconds', 'version', 'scope'];
    expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining(options));
  });
});
