import { describe, expect, it } from 'vitest';
import { analyzeEndpoint } from '../../analysis/analyze-endpoint.ts';
import { codeBlocksOf, read, tableRowsOf } from './markdown.ts';

const page = read('docs/analyze-endpoint.md');
const names = tableRowsOf(page).flatMap(([name = '']) => name.split(/, | or /));

describe('docs/analyze-endpoint.md', () => {
  it('names every field of what comes out, and no other', () => {
    const analysis = analyzeEndpoint('GET /', []);
    const fields = Object.keys(analysis).filter((name) => name !== 'optimization');
    const optimization = Object.keys(analysis.optimization).map((name) => `optimization.${name}`);
    const first = names.indexOf('endpoint');
    expect(names.slice(first).toSorted()).toEqual([...fields, ...optimization].toSorted());
  });

  it('names fields that are read: each refuses a symbol, but for the values, which may be anything', () => {
    const fields = names.slice(names.indexOf('text'), names.indexOf('option'));
    const isRefused = (name: string): boolean =>
      // The first text that is there counts, so the other two are given alone.
      refusalOf({
        ...(!['sql', 'query'].includes(name) && { text: 'SELECT a FROM b' }),
        [name]: Symbol('x'),
      }).startsWith(`queries[0].${name} is a symbol.`);
    expect(fields).toHaveLength(13);
    expect(fields.filter((name) => !isRefused(name))).toEqual(['values', 'parameters']);
  });

  it('quotes messages as they are', () => {
    const quoted = codeBlocksOf(page)
      .find(({ info }) => info === '')
      ?.text.trim()
      .split('\n');
    const text = 'SELECT a FROM b';
    expect(quoted).toEqual([
      refusalOf(text, text, text, { text, durationMs: NaN }),
      refusalOf(text, text, text, text, text, text, text, {}),
      refusalOf(),
    ]);
  });
});

/** The message for these queries; without any, for an endpoint that is missing. */
function refusalOf(...queries: readonly unknown[]): string {
  try {
    const endpoint = queries.length === 0 ? undefined : 'GET /';
    (analyzeEndpoint as (...args: readonly unknown[]) => unknown)(endpoint, queries);
    return '';
  } catch (thrown) {
    return thrown instanceof TypeError ? thrown.message : String(thrown);
  }
}
