import type { Clock } from './clock.ts';
import type { DropCounters } from './drop-counters.ts';
import { stackFrames } from './stack-frames.ts';

const REPORT_INTERVAL_MS = 60_000;

/** Where a fault was caught; also its rate limit's key. */
export type FaultCode = string;

/**
 * Takes the exceptions that our own code raised inside the host's calls: counts each as `internal` and reports
 * at most one a minute per code, so that a fault on every request is one line and not a flood.
 */
export class FaultLog {
  readonly #clock: Clock;
  readonly #drops: DropCounters;
  readonly #report: (message: string) => void;
  readonly #reportedAtMs = new Map<FaultCode, number>();

  constructor(clock: Clock, drops: DropCounters, report: (message: string) => void) {
    this.#clock = clock;
    this.#drops = drops;
    this.#report = report;
  }

  /** Never throws, whatever was thrown: a value may refuse even to become a string. */
  caught(code: FaultCode, thrown: unknown): void {
    try {
      this.#drops.add('internal');
      const nowMs = this.#clock.nowMs();
      const lastMs = this.#reportedAtMs.get(code);
      if (lastMs !== undefined && nowMs - lastMs < REPORT_INTERVAL_MS) return;
      this.#reportedAtMs.set(code, nowMs);
      this.#report(
        `slowpath caught a fault of its own in ${code} (${describe(thrown)}); the application was not affected`,
      );
    } catch {
      // Nothing may leave this method: its caller stands inside the host's request.
    }
  }
}

/** Name and place only: a message may hold a value of the application. */
function describe(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return `a thrown ${typeof thrown}`;
    const frame = stackFrames(thrown.stack ?? '').find((line) => line.trim() !== '');
    return `${thrown.name}${frame === undefined ? '' : ` ${frame.trim()}`}`;
  } catch {
    return 'an unreadable error';
  }
}
