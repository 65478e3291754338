import { clearQueryMemo, describeQuery } from '../../sql/index.ts';
import type { Case } from '../lib/measure.ts';
import { statementOf } from '../lib/statements.ts';

const CALLS = 500;
const SYSTEM = 'postgresql';

/** Hits of the memo by the same string and by one that was just built, and misses by length. */
export function normalizeCases(): readonly Case[] {
  const known = statementOf(366, 1);
  let fresh: readonly string[] = [];
  let unseen: readonly string[] = [];
  let next = 0;
  // The misses of the other cases pause the memo: a service whose statements carry their values has none of these hits.
  const remember = (): void => {
    clearQueryMemo();
    describeQuery(known, SYSTEM);
  };
  const miss = (length: 65 | 366 | 1000): Case => ({
    name: `miss, ${length} characters`,
    prepare() {
      clearQueryMemo();
      unseen = Array.from({ length: CALLS }, () => built(statementOf(length, next++)));
    },
    run: (call) => describeQuery(unseen[call] ?? '', SYSTEM),
  });
  return [
    {
      name: 'hit, the same string',
      prepare: remember,
      run: () => describeQuery(known, SYSTEM),
    },
    {
      name: 'hit, a string that was just built, 366 characters',
      prepare() {
        remember();
        fresh = Array.from({ length: CALLS }, () => built(known));
      },
      run: (call) => describeQuery(fresh[call] ?? '', SYSTEM),
    },
    miss(65),
    miss(366),
    miss(1000),
  ];
}

/** A new flat string without a hash, as a driver or an ORM builds it. */
function built(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
