import type { HrTime, TimeInput } from '@opentelemetry/api';

/** Milliseconds by which the wall clock may leave ours before it is followed. */
const MAX_DRIFT_MS = 2;

/**
 * Ties the monotonic clock to the wall clock. Times are milliseconds after `epochMs`, a whole number, so that nanoseconds
 * stay exact for weeks; all spans of a local trace share one, so that they never seem to overlap by a stepped wall clock.
 */
export class WallClock {
  readonly epochMs: number;
  readonly #offsetMs: number;

  /** `originMs`: the wall clock's time at 0 of `performance.now()`. */
  constructor(originMs: number, epochMs = Math.floor(originMs)) {
    this.epochMs = epochMs;
    this.#offsetMs = originMs - epochMs;
  }

  /** The same clock with another epoch: nanoseconds are exact only near it, and a span may be given times of last year. */
  near(time: TimeInput): WallClock {
    return new WallClock(this.epochMs + this.#offsetMs, this.epochMs + Math.floor(this.fromInput(time)));
  }

  now(): number {
    return performance.now() + this.#offsetMs;
  }

  /** A small number is one of `performance.now()`, as OpenTelemetry has it; any other counts from 1970. */
  fromInput(time: TimeInput): number {
    if (typeof time === 'number') return time <= performance.now() ? time + this.#offsetMs : time - this.epochMs;
    if (Array.isArray(time)) return time[0] * 1000 - this.epochMs + time[1] / 1e6;
    return time.getTime() - this.epochMs;
  }

  toHrTime(ms: number): HrTime {
    const ns = Math.round(ms * 1e6);
    const wholeMs = Math.floor(ns / 1e6);
    const unixMs = this.epochMs + wholeMs;
    const seconds = Math.floor(unixMs / 1000);
    return [seconds, (unixMs - seconds * 1000) * 1e6 + (ns - wholeMs * 1e6)];
  }
}

/** `[seconds, nanoseconds]` of a duration that is not negative. */
export function durationToHrTime(ms: number): HrTime {
  const ns = Math.round(ms * 1e6);
  const seconds = Math.floor(ns / 1e9);
  return [seconds, ns - seconds * 1e9];
}

let current = new WallClock(performance.timeOrigin);

/** The clock of now: another one after the wall clock was set or has drifted. */
export function currentClock(): WallClock {
  const driftMs = Date.now() - (current.epochMs + current.now());
  // Date.now() has lost up to a millisecond.
  if (Math.abs(driftMs + 0.5) > MAX_DRIFT_MS) current = new WallClock(Date.now() + 0.5 - performance.now());
  return current;
}
