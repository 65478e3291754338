import type { Clock } from '../core/clock.ts';

/**
 * Milliseconds since it was made, by a clock that should never go back. Should it do so all the same, time goes on from
 * where it was; a reading that is no number lets time stand still.
 */
export class SteadyClock {
  readonly #clock: Clock;
  #lastReadingMs: number;
  #elapsedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastReadingMs = clock.nowMs();
  }

  elapsedMs(): number {
    const readingMs = this.#clock.nowMs();
    const stepMs = readingMs - this.#lastReadingMs;
    if (stepMs > 0 && stepMs < Infinity) this.#elapsedMs += stepMs;
    this.#lastReadingMs = readingMs;
    return this.#elapsedMs;
  }
}
