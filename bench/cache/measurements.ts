/** How a cache is filled. What `set` and what `getOrCompute` stores is not found by the same call in all libraries. */
export const PHASES = ['set', 'setTagged', 'compute'] as const;
export type Phase = (typeof PHASES)[number];

/** Nanoseconds of processor time for one operation, and bytes; absent where the library has no such thing. */
export interface Measurements {
  hit?: number;
  hitTagged?: number;
  /** The first hit of each entry after something else was invalidated. */
  hitRechecked?: number;
  miss?: number;
  set?: number;
  setTagged?: number;
  getOrComputeHit?: number;
  /** One invalidation of 1 000 entries among 100 000. By the clock: it is too short for the processor's time. */
  invalidate?: number;
  /** Of one entry, beside its key and its value. */
  bytesPerEntry?: number;
  bytesPerTaggedEntry?: number;
}
