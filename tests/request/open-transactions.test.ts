import { describe, expect, it } from 'vitest';
import { isRollback } from '../../analysis/is-rollback.ts';
import type { HeldTransactions, SpanId } from '../../core/types.ts';
import { OpenTransactions } from '../../request/open-transactions.ts';

/** Plays a request: `begin`, `commit`, `query`, `query{`, `}query`, `call{name`, `}name 40` (its milliseconds), `at 100`. */
function play(script: string): HeldTransactions | undefined {
  const transactions = new OpenTransactions();
  const marks = new Map<string, number>();
  let nowMs = 0;
  const statement = (run: () => void): void => {
    transactions.queryStarted();
    transactions.queryEnded();
    run();
  };
  const end = (name: string, ms: number): void => {
    const spanId = name as SpanId;
    const call = { spanId, name, startMs: nowMs, durationMs: ms };
    transactions.callEnded(marks.get(name) ?? -1, call);
  };
  for (const step of script.split(',').map((part) => part.trim())) {
    const [word = '', argument = ''] = step.split(' ');
    if (word === 'begin') statement(() => transactions.begin());
    else if (word === 'commit' || word === 'rollback') statement(() => transactions.end());
    else if (word === 'query') statement(() => undefined);
    else if (word === 'query{') transactions.queryStarted();
    else if (word === '}query') transactions.queryEnded();
    else if (word === 'at') nowMs = Number(argument);
    else if (word.startsWith('call{')) marks.set(word.slice(5), transactions.callStarted());
    else if (word.startsWith('}')) end(word.slice(1), Number(argument));
    else throw new Error(`"${step}" is no step`);
  }
  return transactions.held;
}

describe('a transaction is held', () => {
  it.each([
    ['by a call between its statements', 'begin, query, call{a, }a 40, query, commit'],
    ['by a call right after BEGIN', 'begin, call{a, }a 40, commit'],
    ['by a call that fails it', 'begin, query, call{a, }a 40, rollback'],
    ['by a call within a savepoint', 'begin, query, query, call{a, }a 40, query, commit'],
    ['by a call in the second of two transactions', 'begin, query, commit, begin, call{a, }a 40, commit'],
    ['in an inner one of two that are open', 'begin, begin, call{a, }a 40, commit, commit'],
    ['after an earlier one was never closed', 'begin, query, begin, query, call{a, }a 40, commit'],
  ])('%s', (_, script) => {
    expect(play(script)).toEqual({ count: 1, totalMs: 40, durationMsMax: 40, callName: 'a', spanIds: ['a'] });
  });

  it('once by calls at the same time, and named after the longest', () => {
    expect(play('begin, call{a, call{b, at 10, }a 40, }b 60, commit')).toEqual({
      count: 2,
      totalMs: 60,
      durationMsMax: 60,
      callName: 'b',
      spanIds: ['a', 'b'],
    });
  });

  it('by the whole of calls within each other, in whatever order they end', () => {
    expect(play('begin, call{a, call{b, at 150, }b 10, at 0, }a 200, commit')).toMatchObject({
      count: 2,
      totalMs: 200,
      callName: 'a',
    });
    expect(play('begin, call{a, call{b, call{c, at 0, }a 10, at 20, }b 10, at 0, }c 50, commit')).toMatchObject({
      count: 3,
      totalMs: 50,
    });
  });

  it('by the sum of calls one after the other, in one transaction or several', () => {
    const script = 'begin, call{a, }a 40, at 40, call{b, }b 20, commit, at 100, begin, call{c, }c 50, commit';
    expect(play(script)).toEqual({
      count: 3,
      totalMs: 110,
      durationMsMax: 50,
      callName: 'c',
      spanIds: ['a', 'b', 'c'],
    });
  });

  it('and is named after the longest call of all transactions', () => {
    const script = 'begin, call{a, }a 60, commit, at 100, begin, call{b, }b 20, commit';
    expect(play(script)).toMatchObject({ count: 2, totalMs: 80, durationMsMax: 60, callName: 'a' });
  });

  it('by however many calls, of which four are named', () => {
    const calls = Array.from({ length: 9 }, (_, n) => `at ${n}, call{c${n}, }c${n} 1`).join(', ');
    expect(play(`begin, ${calls}, commit`)).toMatchObject({
      count: 9,
      totalMs: 9,
      spanIds: ['c0', 'c1', 'c2', 'c3'],
    });
  });

  it('at any depth', () => {
    const [begins, commits] = ['begin, ', ', commit'].map((text) => text.repeat(20));
    expect(play(`${begins}call{a, }a 40${commits}`)).toMatchObject({ count: 1, totalMs: 40 });
  });
});

describe('no transaction is held', () => {
  it.each([
    ['without one', 'query, call{a, }a 40, query'],
    ['by a call before it', 'call{a, }a 40, begin, query, commit'],
    ['by a call after it', 'begin, query, commit, call{a, }a 40'],
    ['by a call that was there first', 'call{a, begin, query, commit, }a 40'],
    ['by a call that was there first and ends within it', 'call{a, begin, query, }a 40, query, commit'],
    ['by a call that outlives it', 'begin, call{a, commit, }a 40'],
    ['by a call beside a statement', 'begin, query{, call{a, }a 40, }query, commit'],
    ['by a call that starts beside a statement', 'begin, query{, call{a, }query, }a 40, commit'],
    ['by a call while its statements go on', 'begin, call{a, query, query, }a 40, commit'],
    ['by a call in the next transaction’s time', 'begin, call{a, commit, begin, }a 40, commit'],
    ['when nobody ends it: its connection was closed', 'begin, query, call{a, }a 40, query'],
    ['after one that was never closed', 'begin, query, call{a, }a 40, begin, query, commit'],
    ['when COMMIT comes without BEGIN', 'commit, rollback, call{a, }a 40, begin, commit'],
  ])('%s', (_, script) => {
    expect(play(script)).toBeUndefined();
  });

  it('by a call that nobody saw start', () => {
    expect(play('begin, }a 40, commit')).toBeUndefined();
  });
});

describe('a transaction is rolled back', () => {
  it('when its end says so, and it was seen to begin', () => {
    const transactions = new OpenTransactions();
    transactions.end(true);
    expect(transactions.rollbackCount).toBe(0);
    for (const rolledBack of [true, false, true]) {
      transactions.begin();
      transactions.end(rolledBack);
    }
    expect(transactions.rollbackCount).toBe(2);
  });

  it.each([
    ['ROLLBACK', true],
    ['rollback transaction', true],
    ['ABORT', true],
    ["XA ROLLBACK 'x'", true],
    ['COMMIT', false],
    ['COMMIT AND CHAIN', false],
    ['END', false],
  ])('by %s: %s', (text, expected) => {
    expect(isRollback(text)).toBe(expected);
  });
});
