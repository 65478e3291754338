import { SetupError } from '../core/setup-error.ts';

/** Patterns are written in code. More than these come from a pattern that has values in it. */
export const KEY_PATTERNS_MAX = 1000;

/** What each pattern was defined as. */
const definitions = new Map<string, string>();

/**
 * Notes a pattern down. The same definition again is fine: a module may be evaluated twice.
 * @throws {SetupError} SLOWPATH_CACHE_PATTERN if the pattern is defined otherwise already: its keys would share values that expire
 *   and are invalidated by different rules.
 */
export function registerPattern(pattern: string, definition: string): void {
  const known = definitions.get(pattern);
  if (known === definition) return;
  if (known !== undefined) {
    throw new SetupError(
      'SLOWPATH_CACHE_PATTERN',
      `The cache key ${pattern} is already defined as ${known}, and cannot be defined as ${definition} as well. ` +
        'Define each pattern once and import it. After an edit that was loaded into a running process, restart the process.',
    );
  }
  if (definitions.size >= KEY_PATTERNS_MAX) {
    throw new SetupError(
      'SLOWPATH_CACHE_PATTERN',
      `The cache key ${pattern} is beyond the ${KEY_PATTERNS_MAX} patterns that a process may define. ` +
        'Define patterns where modules are loaded, and pass what changes from call to call as parameters.',
    );
  }
  definitions.set(pattern, definition);
}
