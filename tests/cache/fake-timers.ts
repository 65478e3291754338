import { FakeClock } from '../../testing/fake-clock.ts';
import type { SetTimer } from '../../cache/set-timer.ts';

interface Timer {
  readonly run: () => void;
  readonly atMs: number;
  readonly keepsAlive: boolean;
}

/** A clock whose timers run as it is turned. */
export class FakeTimers extends FakeClock {
  readonly #timers = new Set<Timer>();

  readonly setTimer: SetTimer = (run, delayMs, keepsAlive) => {
    const timer = { run, atMs: this.nowMs() + delayMs, keepsAlive };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Those that have not run. */
  get timers(): readonly Timer[] {
    return [...this.#timers];
  }

  /** Goes on by `ms`, and runs what is due, in its order, with time for promises in between. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs() + ms;
    for (;;) {
      await settle();
      const [next] = this.timers.filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.advance(Math.max(0, next.atMs - this.nowMs()));
      this.#timers.delete(next);
      next.run();
    }
    this.advance(endMs - this.nowMs());
    await settle();
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
