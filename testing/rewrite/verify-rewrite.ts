import { SetupError } from '../../core/setup-error.ts';
import { canonicalKey } from './canonical-value.ts';
import { Lookups } from './lookups.ts';
import { loadPostgresParser } from './postgres-parser.ts';
import { inReadOnlyTransaction } from './read-only-transaction.ts';
import { type RefusedRewrite, rewriteAsBatch } from './rewrite-as-batch.ts';
import { nodeOf } from './tree.ts';
import type { VerifiedRewrite, VerifyRewriteOptions } from './verified-rewrite.ts';

/** Keys that one comparison takes: each of them is a query. */
export const MAX_REWRITE_KEYS = 1000;

/**
 * Runs a lookup for each key and its rewrite for all keys, and compares the rows of each key, in any order. Both see the same
 * data: they run in one READ ONLY transaction, which is rolled back. An error of the database is a difference, named by its
 * SQLSTATE alone. A statement that `rewriteAsBatch` refuses is not run.
 * @throws {SetupError} SLOWPATH_REWRITE_KEYS, SLOWPATH_REWRITE_VALUES, SLOWPATH_REWRITE_NOT_SELECT, SLOWPATH_REWRITE_POOL,
 * SLOWPATH_REWRITE_IN_TRANSACTION, SLOWPATH_LIBPG_QUERY_MISSING.
 */
export async function verifyRewrite(options: VerifyRewriteOptions): Promise<VerifiedRewrite | RefusedRewrite> {
  const keys = distinctKeys(options.keys);
  const rewrite = options.rewritten ?? (await rewriteAsBatch(options.sql, options));
  if ('refused' in rewrite) return rewrite;
  if (options.rewritten !== undefined) await requireSelects([options.sql, options.rewritten.sql]);
  const { client, statementTimeoutMs = 5000 } = options;
  const lookups = new Lookups(options, rewrite, keys);
  return inReadOnlyTransaction(client, statementTimeoutMs, async () => {
    try {
      await lookups.run();
    } catch (error) {
      lookups.fail(error);
    }
    return lookups.result();
  });
}

function distinctKeys(keys: readonly unknown[]): readonly unknown[] {
  if (keys.length === 0 || keys.length > MAX_REWRITE_KEYS)
    throw new SetupError(
      'SLOWPATH_REWRITE_KEYS',
      `verifyRewrite was given ${keys.length} keys. Pass 1 to ${MAX_REWRITE_KEYS}, some that find rows and some that do not.`,
    );
  if (keys.some(Array.isArray))
    throw new SetupError(
      'SLOWPATH_REWRITE_KEYS',
      'A key is an array: PostgreSQL takes an array of arrays for one flat list. Columns of arrays cannot be looked up in a batch.',
    );
  return [...new Map(keys.map((key) => [canonicalKey(key), key])).values()];
}

async function requireSelects(statements: readonly string[]): Promise<void> {
  const parse = await loadPostgresParser();
  for (const sql of statements) {
    const parsed = await parse(sql);
    if (parsed?.length === 1 && nodeOf(parsed[0], 'SelectStmt') !== undefined) continue;
    throw new SetupError(
      'SLOWPATH_REWRITE_NOT_SELECT',
      'verifyRewrite runs SELECT statements. Either sql or rewritten.sql is not exactly one, or PostgreSQL does not read it.',
    );
  }
}
