/** What became of one request. `reason` names an error code or a status, never a text from outside. */
export type SendOutcome =
  | { readonly ok: true; readonly body: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly retryable: boolean;
      readonly retryAfterMs: number | undefined;
    };

/**
 * Sends one body with a total deadline. Its sockets and timers are unreferenced, so that a collector that does not answer,
 * or answers a byte at a time, never keeps the process alive; whoever must wait holds a timer of its own.
 */
export interface OtlpTransport {
  readonly url: string;
  /** Resolves in all cases, at the latest after `timeoutMs`. */
  send(body: Uint8Array, timeoutMs: number): Promise<SendOutcome>;
  /** Ends every request that is under way. */
  abort(reason: string): void;
}

/** Of an answer; a longer one is given up. */
export const MAX_RESPONSE_BYTES = 64 * 1024;
/**
 * How long a connection may take to be made, or the system to take bytes. Both keep the process alive, as nothing else of a
 * request does: Node has no way to unreference them.
 */
export const STALL_MS_MAX = 2000;
/** Nothing is tried for so long after that: attempts that follow each other would keep the process alive without end. */
export const STALL_PAUSE_MS = 5000;
/** The reason, as the system would give it after minutes. */
export const STALLED = 'ETIMEDOUT';
/** HTTP statuses of a collector, or of a proxy before it, that is away for now. */
export const RETRYABLE_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function failure(reason: string, retryable: boolean, retryAfterMs?: number): SendOutcome {
  return { ok: false, reason, retryable, retryAfterMs };
}

/** The code, or the name of an error that has none. Never its message, which may quote a value. */
export function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error';
  const code = 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && code !== '' ? code : thrown.name;
}
