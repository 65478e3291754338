import { CacheTimeoutError } from './cache-errors.ts';
import type { Flight, Landing } from './flight.ts';

/** What setTimeout can wait; with more it would not wait at all. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** How long: see `GetOrComputeOptions`. */
export interface Wait {
  readonly signal: AbortSignal | undefined;
  readonly hardTimeoutMs: number | undefined;
  readonly softTimeoutMs?: number;
  /** Of the key, for errors. */
  readonly pattern: string;
  /** Whether the caller may go without the value when `softTimeoutMs` have passed. If not, it waits on. */
  readonly mayGiveUp?: () => boolean;
  /** When the flight has landed: the one to wait for in its place. */
  readonly next?: () => Flight | undefined;
}

/**
 * Waits for a flight as long as the caller likes: rejects with its signal's reason, or with a CacheTimeoutError after
 * `hardTimeoutMs`, and resolves to `undefined` after `softTimeoutMs`. The flight goes on.
 */
export function waitFor(first: Flight, wait: Wait): Promise<Landing | undefined> {
  const { signal, hardTimeoutMs, softTimeoutMs, pattern } = wait;
  let flight = first;
  let isOver = false;
  const follow = async (): Promise<Landing> => {
    for (;;) {
      flight.join();
      const landing = await flight.landing;
      const next = isOver ? undefined : wait.next?.();
      if (next === undefined) return landing;
      flight = next;
    }
  };
  if (signal === undefined && hardTimeoutMs === undefined && softTimeoutMs === undefined) return follow();
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const settle = (): void => {
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(signal?.reason as Error);
      flight.leave(signal?.reason);
    };
    const after = (ms: number | undefined, what: () => void): void => {
      if (ms !== undefined && ms <= TIMER_MS_MAX) timers.push(setTimeout(what, ms));
    };
    after(softTimeoutMs, () => {
      if (wait.mayGiveUp?.() === false) return;
      settle();
      resolve(undefined);
    });
    after(hardTimeoutMs, () => {
      settle();
      reject(new CacheTimeoutError(pattern, hardTimeoutMs ?? 0));
    });
    follow().then(
      (landing) => {
        settle();
        resolve(landing);
      },
      (thrown: unknown) => {
        settle();
        reject(thrown as Error);
      },
    );
    signal?.addEventListener('abort', onAbort);
    // The computation itself may have ended the caller's patience, before anybody listened.
    if (signal?.aborted === true) onAbort();
  });
}
