import type { Clock } from '../../core/clock.ts';
import type { RewriteClient } from './read-only-transaction.ts';
import type { BatchRewrite, RewriteOptions } from './rewrite-as-batch.ts';

/** What `verifyRewrite` runs, and on what. */
export interface VerifyRewriteOptions extends RewriteOptions {
  /** A connection to a test database, outside of a transaction: the `Client` of `pg`, or what `pool.connect()` gives. */
  readonly client: RewriteClient;
  /** The lookup of one key. */
  readonly sql: string;
  /** Keys to look up, 1000 at the most: some that find nothing belong to them. */
  readonly keys: readonly unknown[];
  /** The values of all parameters, with anything at the place of the key. Needed if there are others than the key. */
  readonly values?: readonly unknown[];
  /** A batch written by hand, in place of the one that `rewriteAsBatch` makes. Its key parameter takes an array. */
  readonly rewritten?: Pick<BatchRewrite, 'sql' | 'keyColumn' | 'keyParameter'>;
  /** What one statement may take, in milliseconds; 5000 if not given. */
  readonly statementTimeoutMs?: number;
  readonly clock?: Clock;
}

/** The comparison of a batch with its single lookups. */
export interface VerifiedRewrite {
  /** The batch found the same rows for each key as the single lookup. */
  readonly equal: boolean;
  /** The batch. */
  readonly sql: string;
  readonly keyColumn: string;
  /**
   * `as-given`: each row has its key as the caller gave it, so that a Map by key finds it. `converted`: the driver gives it
   * another form (a bigint is a string, a Date another object), or the database holds equal keys to be the same (citext).
   */
  readonly keyForm: 'as-given' | 'converted';
  /** Different keys that were looked up. */
  readonly keyCount: number;
  /** Rows of the batch. */
  readonly rowCount: number;
  /** All single lookups, one after the other, and after them the batch: one run each. */
  readonly singleMs: number;
  readonly batchedMs: number;
  /** At most 10, and how many more there are. Keys are numbered from 1; no value is in it. */
  readonly differences: readonly string[];
}
