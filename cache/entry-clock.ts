import { systemClock, type Clock } from '../core/clock.ts';

/** How long a reading of the process's clock serves further look-ups. */
const READING_MS = 1;

/**
 * The clock of entries: whole milliseconds since it was made, which V8 keeps in place where it would keep a fraction in an object of
 * its own.
 */
export class EntryClock {
  readonly #clock: Clock;
  readonly #startMs: number;
  /** A look-up takes less time than reading the clock. An injected clock is read every time, for it may be turned at any. */
  readonly #isReadOnce: boolean;
  #reading = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#isReadOnce = clock === systemClock;
  }

  /** The time now. */
  nowMs(): number {
    return Math.floor(this.#clock.nowMs() - this.#startMs);
  }

  /** The time now or a millisecond ago; within one turn of the event loop it stands still. */
  recentMs(): number {
    return this.#reading === -1 ? this.#read() : this.#reading;
  }

  #read(): number {
    const nowMs = this.nowMs();
    if (!this.#isReadOnce) return nowMs;
    this.#reading = nowMs;
    setTimeout(() => {
      this.#reading = -1;
    }, READING_MS).unref();
    return nowMs;
  }
}
