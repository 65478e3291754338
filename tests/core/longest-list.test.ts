import { describe, expect, it } from 'vitest';
import { longestList } from '../../core/longest-list.ts';

describe('the longest list among bind values', () => {
  it.each([
    [undefined, 0],
    [[], 0],
    [[1, 'two'], 0],
    [[1, [1, 2, 3]], 3],
    [[[1], [1, 2], []], 2],
    [{ length: 9 }, 0],
    [{ id: 1, ids: [1, 2, 3] }, 3],
    [{ sku: 'a' }, 0],
    [7, 0],
  ])('of %j has %i elements', (values, expected) => {
    expect(longestList(values)).toBe(expected);
  });

  it('runs no code of theirs', () => {
    const ran: string[] = [];
    const values = {
      get ids() {
        ran.push('getter');
        return [1, 2];
      },
      list: [1],
    };
    const proxied = new Proxy([[1, 2]], {
      get() {
        ran.push('proxy');
      },
    });
    expect([longestList(values), longestList(proxied)]).toEqual([1, 0]);
    expect(ran).toEqual([]);
  });
});
