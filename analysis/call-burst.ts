import type { CallGroup, SpanId } from '../core/types.ts';
import { RepeatTiming } from './repeat-timing.ts';

/** Distinct targets kept per burst. */
export const MAX_TARGETS = 64;

/** What a burst reads of a call. */
export interface BurstCall {
  readonly spanId: SpanId;
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  /** 0 when it is not known. */
  readonly targetHash: number;
  readonly paginates: boolean;
}

/** What a burst tells of its calls. */
export type BurstSummary = Omit<CallGroup, 'type' | 'system' | 'shape' | 'name' | 'client' | 'callSite'>;

/** Calls of one shape, each of which starts soon after another one has started or ended. */
export class CallBurst {
  readonly #timing: RepeatTiming;
  readonly #targets = new Set<number>();
  #targetsDropped = 0;
  #lastStartMs: number;
  #startGapMsMax = 0;
  #paginates = false;

  constructor(call: BurstCall) {
    this.#timing = new RepeatTiming(call.spanId);
    this.#lastStartMs = call.startMs;
    this.add(call);
  }

  get count(): number {
    return this.#timing.count;
  }

  get totalMs(): number {
    return this.#timing.totalMs;
  }

  get lastStartMs(): number {
    return this.#lastStartMs;
  }

  /**
   * True when a call that starts at `startMs` belongs here: at most `gapMs` after the last end, so that a loop of long calls
   * is one burst, or at most that much before the first start.
   */
  reaches(startMs: number, gapMs: number): boolean {
    return startMs >= this.#timing.firstStartMs - gapMs && startMs <= this.#timing.lastEndMs + gapMs;
  }

  add({ spanId, startMs, durationMs, failed, targetHash, paginates }: BurstCall): void {
    // One that starts between two others can only make a gap smaller: the greatest stays an upper bound.
    const gapMs = Math.max(startMs - this.#lastStartMs, this.#timing.firstStartMs - startMs);
    if (this.count > 0 && gapMs > this.#startGapMsMax) this.#startGapMsMax = gapMs;
    this.#timing.add(spanId, startMs, durationMs, failed);
    if (startMs > this.#lastStartMs) this.#lastStartMs = startMs;
    this.#paginates ||= paginates;
    // Targets that are not known count as differing, as do those beyond the bound.
    if (targetHash === 0) this.#targetsDropped++;
    else if (this.#targets.has(targetHash)) return;
    else if (this.#targets.size < MAX_TARGETS) this.#targets.add(targetHash);
    else this.#targetsDropped++;
  }

  toSummary(): BurstSummary {
    const timing = this.#timing;
    return {
      count: timing.count,
      errorCount: timing.errorCount,
      totalMs: timing.totalMs,
      durationMsMin: timing.durationMsMin,
      durationMsMax: timing.durationMsMax,
      firstStartMs: timing.firstStartMs,
      lastEndMs: timing.lastEndMs,
      unionMs: timing.unionMs,
      overlapCount: timing.overlapCount,
      startGapMsMax: this.#startGapMsMax,
      distinctTargets: this.#targets.size,
      targetsDropped: this.#targetsDropped,
      paginates: this.#paginates,
      spanIds: timing.spanIds,
    };
  }
}
