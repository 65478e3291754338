/**
 * Something outside this project is missing or in the way: binaries, a server, a free port.
 * Its message is one for the person at the terminal and says what to do; commands print it without a stack and exit with 2.
 */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}
