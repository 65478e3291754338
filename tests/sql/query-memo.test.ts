import { describe, expect, it } from 'vitest';
import { QueryMemo } from '../../sql/query-memo.ts';

function ask(memo: QueryMemo<string>, text: string): string {
  const known = memo.get(text);
  if (known === undefined) memo.set(text, `value of ${text}`);
  return known ?? `value of ${text}`;
}

/** Keeps the score of misses down, so that a test of the bounds is not a test of the pause. */
function askWithHits(memo: QueryMemo<string>, text: string): void {
  for (let i = 0; i < 4; i++) ask(memo, text);
}

describe('QueryMemo', () => {
  it('never holds more than 2000 entries', () => {
    const memo = new QueryMemo<string>();
    for (let i = 0; i < 10_000; i++) {
      askWithHits(memo, `text ${i}`);
      expect(memo.size).toBeLessThanOrEqual(2000);
    }
    expect(memo.size).toBeGreaterThan(1000);
    expect(memo.notStored).toBe(0);
  });

  it('never holds more than 1 MiB of text', () => {
    const memo = new QueryMemo<string>();
    for (let i = 0; i < 1000; i++) {
      askWithHits(memo, `${i}`.padEnd(8192, 'x'));
      expect(memo.units).toBeLessThanOrEqual(1024 * 1024);
    }
    expect(memo.units).toBeGreaterThan(512 * 1024);
  });

  it('keeps what is asked for while other texts come and go', () => {
    const memo = new QueryMemo<string>();
    ask(memo, 'hot');
    const { misses } = memo;
    for (let i = 0; i < 5000; i++) {
      askWithHits(memo, `text ${i}`);
      ask(memo, 'hot');
    }
    expect(memo.misses - misses).toBe(5000);
  });

  it('stops storing after a run of misses, goes on serving what it has, and resumes', () => {
    const memo = new QueryMemo<string>();
    ask(memo, 'hot');
    for (let i = 0; i < 1000; i++) ask(memo, `unique ${i}`);
    const { size } = memo;
    expect(size).toBeLessThan(600);
    for (let i = 1000; i < 2000; i++) ask(memo, `unique ${i}`);
    expect(memo.size).toBe(size);
    const { hits } = memo;
    ask(memo, 'hot');
    expect(memo.hits).toBe(hits + 1);
    for (let i = 2000; i < 3000; i++) ask(memo, `unique ${i}`);
    expect(memo.size).toBeGreaterThan(size);
  });

  it('keeps parameterised texts between unique ones in the memo', () => {
    const memo = new QueryMemo<string>();
    let hits = 0;
    for (let i = 0; i < 20_000; i++) {
      ask(memo, `unique ${i}`);
      if (memo.get('BEGIN') !== undefined) hits++;
      else memo.set('BEGIN', 'value');
    }
    expect(hits).toBeGreaterThan(19_900);
    expect(memo.notStored).toBeGreaterThan(10_000);
  });

  it('forgets everything on clear', () => {
    const memo = new QueryMemo<string>();
    askWithHits(memo, 'a');
    memo.clear();
    expect(memo).toMatchObject({ size: 0, units: 0, hits: 0, misses: 0, notStored: 0 });
    expect(memo.get('a')).toBeUndefined();
  });
});
