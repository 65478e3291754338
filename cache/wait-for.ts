import { CacheTimeoutError } from './cache-errors.ts';
import type { Flight, Landing } from './flight.ts';
import type { GetOrComputeOptions } from './value-policy.ts';

type Patience = Pick<GetOrComputeOptions, 'signal' | 'hardTimeoutMs' | 'softTimeoutMs'>;

/**
 * Waits for a flight as long as the caller likes: rejects with its signal's reason, or with a CacheTimeoutError after
 * `hardTimeoutMs`, and resolves to `undefined` after `softTimeoutMs`. The flight goes on.
 */
export function waitFor(flight: Flight, patience: Patience, pattern: string): Promise<Landing | undefined> {
  const { signal, hardTimeoutMs, softTimeoutMs } = patience;
  flight.join();
  if (signal === undefined && hardTimeoutMs === undefined && softTimeoutMs === undefined) return flight.landing;
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const settle = (): void => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(signal?.reason as Error);
      flight.leave(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort);
    const after = (ms: number | undefined, what: () => void): void => {
      if (ms === undefined) return;
      timers.push(
        setTimeout(() => {
          settle();
          what();
        }, ms),
      );
    };
    after(softTimeoutMs, () => resolve(undefined));
    after(hardTimeoutMs, () => reject(new CacheTimeoutError(pattern, hardTimeoutMs ?? 0)));
    flight.landing.then(
      (landing) => {
        settle();
        resolve(landing);
      },
      (thrown: unknown) => {
        settle();
        reject(thrown as Error);
      },
    );
  });
}
