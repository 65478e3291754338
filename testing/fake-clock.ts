import type { Clock } from '../core/clock.ts';

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Goes on by `ms`; a negative number is a jump back, which no monotonic clock makes. */
  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
