import type { SetTimer } from '../set-timer.ts';

/** How a call ended. `late` settles when it ended after all; it never rejects. */
export type Outcome<T> =
  { readonly kind: 'value'; readonly value: T } | { readonly kind: 'error' } | { readonly kind: 'timeout' };

/** Waits for a call `deadlineMs` at the most. Never rejects, whatever the call does, and however late. */
export function withDeadline<T>(call: () => Promise<T>, deadlineMs: number, setTimer: SetTimer): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const cancel = setTimer(() => resolve({ kind: 'timeout' }), deadlineMs, true);
    const settle = (outcome: Outcome<T>): void => {
      cancel();
      resolve(outcome);
    };
    promiseOf(call).then(
      (value) => settle({ kind: 'value', value }),
      () => settle({ kind: 'error' }),
    );
  });
}

/** A store of somebody else may throw where it should reject, or return no promise at all. */
async function promiseOf<T>(call: () => Promise<T>): Promise<T> {
  return await call();
}
