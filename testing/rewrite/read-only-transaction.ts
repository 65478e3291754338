import { SetupError } from '../../core/setup-error.ts';
import type { Row } from './compare-rows.ts';

/** One connection to PostgreSQL, as the `Client` of `pg` is: a pool is none. */
export interface RewriteClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/**
 * Runs `work` in a transaction that can change nothing, sees one state of the data throughout and is rolled back in any
 * case. A statement in it may take `statementTimeoutMs`.
 * @throws {SetupError} SLOWPATH_REWRITE_POOL for a pool; SLOWPATH_REWRITE_IN_TRANSACTION for a client inside a transaction.
 */
export async function inReadOnlyTransaction<Result>(
  client: RewriteClient,
  statementTimeoutMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  if ('idleCount' in client && 'connect' in client)
    throw new SetupError(
      'SLOWPATH_REWRITE_POOL',
      'verifyRewrite was given a pool, whose queries run on any connection; a transaction needs one. Pass a client: await pool.connect()',
    );
  if (await isInTransaction(client))
    throw new SetupError(
      'SLOWPATH_REWRITE_IN_TRANSACTION',
      'verifyRewrite was given a client inside a transaction, which it would end. COMMIT or ROLLBACK first, or pass another client.',
    );
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  try {
    await client.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.trunc(statementTimeoutMs))}`);
    return await work();
  } finally {
    await client.query('ROLLBACK');
  }
}

const NO_ACTIVE_TRANSACTION = '25P01';
const FAILED_TRANSACTION = '25P02';

/** PostgreSQL tells nobody whether a transaction is open, but takes a SAVEPOINT in one only. */
async function isInTransaction(client: RewriteClient): Promise<boolean> {
  try {
    await client.query('SAVEPOINT slowpath_probe');
  } catch (error) {
    const code = sqlStateOf(error);
    if (code === NO_ACTIVE_TRANSACTION) return false;
    if (code === FAILED_TRANSACTION) return true;
    throw error;
  }
  await client.query('RELEASE SAVEPOINT slowpath_probe');
  return true;
}

/** The five characters by which PostgreSQL names an error. Its text is not read: it may hold values. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
