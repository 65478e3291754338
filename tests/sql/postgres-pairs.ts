import type { PostgresPair } from './postgres-pair.ts';
import { literalPairs } from './postgres-pairs-literals.ts';
import { onPurposePairs } from './postgres-pairs-on-purpose.ts';
import { ormPairs } from './postgres-pairs-orms.ts';
import { readPairs } from './postgres-pairs-reads.ts';
import { writePairs } from './postgres-pairs-writes.ts';

/** Pairs of PostgreSQL statements with the verdict of libpg-query, and ours where it is another one on purpose. */
export const postgresPairs: readonly PostgresPair[] = [
  ...readPairs,
  ...writePairs,
  ...ormPairs,
  ...literalPairs,
  ...onPurposePairs,
];
