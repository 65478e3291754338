import { systemClock, type Clock } from '../core/clock.ts';
import { writeStderr } from './write-stderr.ts';

const INTERVAL_MS = 60_000;

/** Writes our lines to standard error: `slowpath: …`. Never throws: a line that a closed or full pipe refuses is dropped. */
export class StderrLog {
  readonly #clock: Clock;
  readonly #write: (text: string) => void;
  readonly #writtenAtMs = new Map<string, number>();

  constructor(clock: Clock = systemClock, write: (text: string) => void = writeStderr) {
    this.#clock = clock;
    this.#write = write;
  }

  /** One line. Control characters in it are replaced, for parts of it may come from outside. */
  line(message: string): void {
    try {
      this.#write(`slowpath: ${printable(message)}\n`);
    } catch {
      // There is no further place to say it.
    }
  }

  /** One line a minute at most for each `code`. */
  limited(code: string, message: string): void {
    const nowMs = this.#clock.nowMs();
    const lastMs = this.#writtenAtMs.get(code);
    if (lastMs !== undefined && nowMs - lastMs < INTERVAL_MS) return;
    this.#writtenAtMs.set(code, nowMs);
    this.line(message);
  }
}

function printable(text: string): string {
  return Array.from(text, (char) => (char < ' ' || char === '\u007f' ? ' ' : char)).join('');
}
