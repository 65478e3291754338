import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use after a collection: the heap, and what typed arrays hold outside of it. */
export function bytesInUse(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The bytes that `build` leaves in use, with what it built kept alive. */
export function bytesOf<T>(build: () => T): { readonly bytes: number; readonly built: T } {
  const before = bytesInUse();
  const built = build();
  return { bytes: bytesInUse() - before, built };
}

/** `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
