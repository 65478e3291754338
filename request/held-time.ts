import { BusyTime } from '../analysis/busy-time.ts';
import type { HeldTransactions, SpanId } from '../core/types.ts';

/** Spans kept of the calls that held a transaction. */
const MAX_SPAN_IDS = 4;

/** A call to another service that ended while a transaction stood idle. */
export interface HoldingCall {
  readonly spanId: SpanId;
  /** `POST payments.internal/charges`. */
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
}

/** Adds up the time that calls held transactions. Calls at the same time hold them once. */
export class HeldTime {
  #count = 0;
  /** Of this transaction, and of those that were taken in. */
  readonly #busy = new BusyTime();
  #othersMs = 0;
  #durationMsMax = 0;
  #callName = '';
  readonly #spanIds: SpanId[] = [];

  add({ spanId, name, startMs, durationMs }: HoldingCall): void {
    this.#count++;
    this.#busy.add(startMs, startMs + durationMs);
    if (this.#spanIds.length < MAX_SPAN_IDS) this.#spanIds.push(spanId);
    if (durationMs <= this.#durationMsMax && this.#callName !== '') return;
    this.#durationMsMax = durationMs;
    this.#callName = name;
  }

  /** Takes in what another transaction was held. */
  merge(other: HeldTime): void {
    this.#count += other.#count;
    this.#othersMs += other.#totalMs;
    this.#spanIds.push(...other.#spanIds.slice(0, MAX_SPAN_IDS - this.#spanIds.length));
    if (other.#durationMsMax <= this.#durationMsMax) return;
    this.#durationMsMax = other.#durationMsMax;
    this.#callName = other.#callName;
  }

  get #totalMs(): number {
    return this.#busy.unionMs + this.#othersMs;
  }

  toHeldTransactions(): HeldTransactions {
    return {
      count: this.#count,
      totalMs: this.#totalMs,
      durationMsMax: this.#durationMsMax,
      callName: this.#callName,
      spanIds: [...this.#spanIds],
    };
  }
}
