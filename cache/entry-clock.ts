import { systemClock, type Clock } from '../core/clock.ts';

/** How long a reading of the process's clock serves further look-ups. */
const READING_MS = 1;
/** And how many: code that never lets the event loop have its turn lets no timer fire either. */
const READING_USES = 64;
/** The one of this process. Where a test has put another in its place, time may be turned at any moment. */
const startTimer = globalThis.setTimeout;

/**
 * The clock of entries: whole milliseconds since it was made, which V8 keeps in place where it would keep a fraction in an object of
 * its own.
 */
export class EntryClock {
  readonly #clock: Clock;
  readonly #startMs: number;
  /** A look-up takes less time than reading the clock. An injected clock is read every time, for it may be turned at any. */
  readonly #isReadOnce: boolean;
  #reading = 0;
  /** Look-ups that the reading is still good for. */
  #usesLeft = 0;
  #hasTimer = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#isReadOnce = clock === systemClock;
  }

  /** The time now. */
  nowMs(): number {
    // What has been read is known to `recentMs` as well: the two never differ by more than what has passed since.
    return (this.#reading = Math.floor(this.#clock.nowMs() - this.#startMs));
  }

  /**
   * The time now, or as it was read last: a millisecond ago; while the event loop is kept busy longer, up to 64 look-ups ago.
   */
  recentMs(): number {
    return this.#usesLeft-- > 0 ? this.#reading : this.#read();
  }

  #read(): number {
    const isToKeep = this.#isReadOnce && globalThis.setTimeout === startTimer;
    this.#usesLeft = isToKeep ? READING_USES : 0;
    if (isToKeep && !this.#hasTimer) {
      this.#hasTimer = true;
      startTimer(() => {
        this.#usesLeft = 0;
        this.#hasTimer = false;
      }, READING_MS).unref();
    }
    return this.nowMs();
  }
}
