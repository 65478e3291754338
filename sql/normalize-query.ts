import { describeQuery, type NormalizedQuery } from './describe-query.ts';

export type { NormalizedQuery } from './describe-query.ts';
export type { SqlSystem } from './dialect.ts';

/**
 * Takes the values out of a SQL text: gives a text that is safe to show, a fingerprint that groups statements which differ
 * only in their values, and a short summary. `system` is a `db.system.name` (`postgresql`, `mysql`, `mariadb`, `sqlite`,
 * `microsoft.sql_server`); any other is read so that nothing leaks, at the price of more texts that are not `exact`.
 * Never throws; normalising the text again gives the same text and fingerprint if it is `exact`.
 * @example
 * normalizeQuery("SELECT * FROM users WHERE id = 17", { system: 'postgresql' }).text // 'SELECT * FROM users WHERE id = ?'
 */
export function normalizeQuery(sql: string, options: { readonly system: string }): NormalizedQuery {
  const { text, fingerprint, summary, exact } = describeQuery(sql, options.system);
  return { text, fingerprint, summary, exact };
}
