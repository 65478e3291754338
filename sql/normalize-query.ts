import { collapseNames, type NameCollapse } from './collapse-names.ts';
import { describeQuery, describeUnremembered, MAX_READ_LENGTH, type NormalizedQuery } from './describe-query.ts';
import { dialectOf } from './dialect.ts';

export type { NormalizedQuery } from './describe-query.ts';
export type { SqlSystem } from './dialect.ts';

/** How `normalizeQuery` reads a text, and which statements it takes for the same. */
export interface NormalizeQueryOptions extends NameCollapse {
  /** A `db.system.name`: `postgresql`, `mysql`, `mariadb`, `sqlite`, `microsoft.sql_server`. */
  readonly system: string;
  /**
   * Two and more digits in a row in the name of a table are one and the same in the fingerprint: `events_2026_01` and
   * `events_2026_02` count as one table. For tables that are split by month or by number. Default: false.
   */
  readonly collapseDigits?: boolean;
  /**
   * The schema of a table is no part of the fingerprint: `tenant_a.users` and `tenant_b.users` count as one table, and as
   * plain `users`. For a schema or a database per tenant. Default: false.
   */
  readonly collapseSchemas?: boolean;
}

/**
 * Takes the values out of a SQL text: gives a text that is safe to show, a fingerprint that groups statements which differ
 * only in their values, and a short summary. Any other `system` than those named in the options is read so that nothing
 * leaks, at the price of more texts that are not `exact`. Never throws; normalising the text again gives the same text and
 * fingerprint if it is `exact`.
 *
 * `collapseDigits` and `collapseSchemas` change the fingerprint alone: text and summary name the table that was asked.
 * Fingerprints made with them are to be compared with each other, not with those of findings. Of a text of more than 1 MiB
 * no name is collapsed.
 * @example
 * normalizeQuery("SELECT * FROM users WHERE id = 17", { system: 'postgresql' }).text // 'SELECT * FROM users WHERE id = ?'
 * normalizeQuery('SELECT * FROM events_2026_01', { system: 'postgresql', collapseDigits: true })
 *   // the fingerprint of 'SELECT * FROM events_2026_02'
 */
export function normalizeQuery(sql: string, options: NormalizeQueryOptions): NormalizedQuery {
  const { text, fingerprint, summary, exact } = describeQuery(sql, options.system);
  const collapses = options.collapseDigits === true || options.collapseSchemas === true;
  if (!collapses || typeof sql !== 'string' || sql.length > MAX_READ_LENGTH) {
    return { text, fingerprint, summary, exact };
  }
  const dialect = dialectOf(options.system);
  const collapsed = describeUnremembered(collapseNames(sql.toWellFormed(), dialect, options), dialect);
  return { text, fingerprint: collapsed.fingerprint, summary, exact };
}
