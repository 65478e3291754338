/** Where the lines of the request log go. Knows nothing of lines; takes bytes in their order. */
export interface RequestLogTarget {
  /** For messages: a path, or `standard error`. */
  readonly name: string;
  /**
   * Takes the first of these bytes, as many as suit it, without blocking the process, and resolves with how many: 0 when it is
   * full for now. One call at a time. Rejects when it took none and cannot be written to.
   */
  write(bytes: Uint8Array): Promise<number>;
  /**
   * Calls off the write whose promise is still awaited. Returns how many bytes of it were written, or are with the operating
   * system, which writes them even while the process exits.
   */
  callOff(): number;
  /**
   * The same as `write`, at once: for the end of the process.
   * @throws {Error} with a `code` when it cannot be written to.
   */
  writeNow(bytes: Uint8Array): number;
  /** Lets go of it. */
  close(): void;
}

/** `ENOENT`, or the name of what was thrown where the system gave no code. Never its message, which may quote a value. */
export function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error';
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
}
