/** A monotonic clock, passed in wherever time is read, so that tests turn it by hand. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  nowMs(): number;
}

/** The process's monotonic clock. */
export const systemClock: Clock = { nowMs: () => performance.now() };
