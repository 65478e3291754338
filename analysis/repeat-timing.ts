import type { SpanId } from '../core/types.ts';
import { BusyTime } from './busy-time.ts';

const FIRST_SPAN_IDS = 3;

/**
 * Counts and times of repeats: exact counts and sums, O(1) per repeat, and the ids of the first three and the last to come.
 * The ids and, of equally slow ones, the slowest depend on the order in which the repeats come; the times as `BusyTime` says.
 */
export class RepeatTiming {
  count = 0;
  errorCount = 0;
  totalMs = 0;
  durationMsMin = Infinity;
  durationMsMax = -Infinity;
  firstStartMs = Infinity;
  firstEndMs = Infinity;
  lastEndMs = -Infinity;
  startsKnown = true;
  slowestSpanId: SpanId;
  readonly #firstSpanIds: SpanId[] = [];
  #lastSpanId: SpanId;
  /** What has ended is in it from the second repeat on: most statements run once. */
  #busy: BusyTime | undefined;
  #placedCount = 0;

  constructor(spanId: SpanId) {
    this.#lastSpanId = spanId;
    this.slowestSpanId = spanId;
  }

  add(spanId: SpanId, startMs: number | undefined, durationMs: number, failed: boolean): void {
    this.count++;
    this.totalMs += durationMs;
    if (failed) this.errorCount++;
    if (durationMs < this.durationMsMin) this.durationMsMin = durationMs;
    if (durationMs > this.durationMsMax) {
      this.durationMsMax = durationMs;
      this.slowestSpanId = spanId;
    }
    if (startMs === undefined) this.startsKnown = false;
    else this.#place(startMs, startMs + durationMs);
    if (this.#firstSpanIds.length < FIRST_SPAN_IDS) this.#firstSpanIds.push(spanId);
    this.#lastSpanId = spanId;
  }

  get spanIds(): readonly SpanId[] {
    return this.count > FIRST_SPAN_IDS ? [...this.#firstSpanIds, this.#lastSpanId] : [...this.#firstSpanIds];
  }

  /** Milliseconds in which at least one of them ran. */
  get unionMs(): number {
    if (this.#placedCount === 0) return 0;
    return this.#busy?.unionMs ?? this.lastEndMs - this.firstStartMs;
  }

  /** Repeats that ran while another one did; the first of each such run is not counted. */
  get overlapCount(): number {
    return this.#busy === undefined ? 0 : this.#placedCount - this.#busy.runCount;
  }

  #place(startMs: number, endMs: number): void {
    this.#placedCount++;
    if (this.#placedCount > 1) {
      this.#busy ??= busySince(this.firstStartMs, this.lastEndMs);
      this.#busy.add(startMs, endMs);
    }
    if (startMs < this.firstStartMs) this.firstStartMs = startMs;
    if (endMs < this.firstEndMs) this.firstEndMs = endMs;
    if (endMs > this.lastEndMs) this.lastEndMs = endMs;
  }
}

function busySince(startMs: number, endMs: number): BusyTime {
  const busy = new BusyTime();
  busy.add(startMs, endMs);
  return busy;
}
