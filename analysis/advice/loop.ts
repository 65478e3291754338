import type { DatabaseClient, QueryGroup, StatementSource } from '../../core/types.ts';
import { adviseAggregates, adviseFirstRows, adviseLocks } from './loop-special-reads.ts';
import { adviseLookups } from './loop-reads.ts';
import { adviseWrites } from './loop-writes.ts';
import { adviceOf } from './sentence.ts';
import { isKnown, type StatementWords, wordsOfStatement } from './statement-words.ts';

/** A statement that runs once per row. */
export interface LoopToAdvise {
  readonly group: QueryGroup;
  readonly parallel: boolean;
  readonly source: StatementSource | undefined;
  /** Levels of loops around each other, this one included. */
  readonly nested?: number | undefined;
  /** What a call site told, where it knows better than the group. */
  readonly client?: DatabaseClient | undefined;
}

/**
 * How to load or write the rows of a loop at once, in the words of the application's ORM or driver, with its tables and
 * columns: one or two sentences, at most 300 characters. Without a table or a column it says it in general.
 */
export function adviseLoop({ group, parallel, source, nested = 1, client }: LoopToAdvise): string {
  const words = wordsOfStatement(group, { client: client ?? group.client, source });
  const isNested = nested > 1;
  const outer = isNested && 'it runs inside another loop: fix the outer one first';
  const pool = parallel && 'each takes a connection of the pool at the same time';
  if (isProcedure(group)) return adviceOf([procedure(group)], [outer, pool]);
  if (group.kind === 'write') {
    return adviceOf(keepConditions(words, adviseWrites(group, words)), [
      outer,
      pool,
      words.family !== 'mongodb' && 'write large sets in chunks, in one transaction',
    ]);
  }
  const clauses = [outer, pool, oneTick(words, group, parallel), loader(words, parallel)];
  return adviceOf(keepConditions(words, readMains(group, words)), clauses);
}

/** Whoever follows the advice to the letter must not read or delete more than the loop did. */
function keepConditions(
  { filtersMore }: StatementWords,
  mains: readonly (string | undefined)[],
): readonly (string | undefined)[] {
  return filtersMore ? mains.map((main) => main && `${main} Keep its other conditions.`) : mains;
}

function isProcedure({ summary }: QueryGroup): boolean {
  return /^(?:call|exec|execute)\b/i.test(summary);
}

/** Only its author knows what it does. */
function procedure({ count }: QueryGroup): string {
  return `It is called ${count} times: see whether the procedure can take all values at once.`;
}

function readMains(group: QueryGroup, words: StatementWords): readonly (string | undefined)[] {
  const { locks, aggregated, ordered, limited } = group.traits;
  if (words.family === 'mongodb') return adviseLookups(words);
  if (locks) return adviseLocks(words);
  if (aggregated) return adviseAggregates(words, group);
  if (ordered && limited) return adviseFirstRows(words);
  return adviseLookups(words);
}

/** Prisma batches lookups by a unique key, and nothing else. */
function oneTick({ client, isLookup }: StatementWords, { traits }: QueryGroup, parallel: boolean): string | false {
  const isRead = isLookup && !traits.aggregated && !traits.locks;
  if (client !== 'prisma' || !isRead || parallel) return false;
  return '`findUnique` calls of one tick are batched, `findFirst` and `findMany` are not';
}

/** Resolvers that run side by side each load their own row: only a loader can see them together. */
function loader(words: StatementWords, parallel: boolean): string | false {
  if (!parallel) return false;
  if (words.client === 'prisma' && words.isLookup) return 'only `findUnique` calls of one tick are batched';
  return isKnown(words) && `in GraphQL resolvers use a DataLoader keyed by ${words.column}`;
}
