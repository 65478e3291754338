/** Read characters of the statement. */
const LENGTH_READ = 11;

/**
 * Of the statements that end a transaction: true for those that take back what it did. `text` is as `describeQuery` gives
 * it.
 */
export function isRollback(text: string): boolean {
  const words = text.slice(0, LENGTH_READ).toUpperCase();
  return words.startsWith('ROLLBACK') || words.startsWith('ABORT') || words.startsWith('XA ROLLBACK');
}
