/** What stands in place of a value that does not leave the process. */
export const REDACTED = 'REDACTED';
