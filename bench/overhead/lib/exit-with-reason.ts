import { EnvironmentError } from '../../../scripts/lib/environment-error.ts';

/** Says why, without a stack if the reason is one for the person at the terminal, and ends with 2. */
export function exitWithReason(error: unknown): never {
  console.error(error instanceof EnvironmentError ? error.message : error);
  // Through process.exit, because a server or a child that is left would keep this process alive.
  process.exit(2);
}
