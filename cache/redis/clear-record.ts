import { ID_LENGTH } from './scripts.ts';

/**
 * How many versions of an application may have written between two clears. A further one clears: its deletions could not reach the
 * values of versions that are not listed.
 */
export const VERSIONS_MAX = 8;

/**
 * The record that every value depends on: a random id, replaced when everything is cleared, and the versions that have written
 * since then. As `<id> <version> <version>`.
 */
export interface ClearRecord {
  readonly id: string;
  readonly versions: readonly string[];
}

/** `undefined` for a record that is missing or was not written by this store. */
export function parseClearRecord(text: unknown): ClearRecord | undefined {
  if (typeof text !== 'string') return undefined;
  const [id = '', ...versions] = text.split(' ');
  return id.length === ID_LENGTH ? { id, versions } : undefined;
}
