/**
 * A mistake in how slowpath was set up or called: its message says what was wrong, what was expected and what to do.
 * `code` (`SLOWPATH_…`) is stable across releases and may be tested for; the message may not.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
