import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A computation that the test ends by hand. */
export interface Controlled<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(thrown: unknown): void;
}

export function controlled<Value = unknown>(): Controlled<Value> {
  return Promise.withResolvers<Value>();
}

/** Lets everything run that waits for nothing but promises. */
export async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Collects what nothing refers to. What this turn of the event loop has looked at through a WeakRef stays until the next. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
