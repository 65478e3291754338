import type { CheckedOptions } from './cache-options.ts';

const TOO_LARGE = Number.MAX_SAFE_INTEGER;

/** Bytes of a value, as the user's `sizeOf` tells; 0 without it. One that cannot be told is too large for any room there is. */
export function bytesOf(value: unknown, { sizeOf }: Pick<CheckedOptions, 'sizeOf'>): number {
  if (sizeOf === undefined) return 0;
  try {
    const bytes = sizeOf(value);
    return bytes >= 0 ? Math.min(bytes, TOO_LARGE) : TOO_LARGE;
  } catch {
    return TOO_LARGE;
  }
}
