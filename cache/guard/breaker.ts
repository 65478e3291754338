import type { Clock } from '../../core/clock.ts';

export interface BreakerOptions {
  readonly clock: Clock;
  /** How long it stays open before one call may try again, in ms; also the time within which errors are counted. */
  readonly probeMs: number;
  readonly maxErrors: number;
}

/** Under which a call was let through. What became of a call from before the last change of state says nothing of now. */
export type Ticket = number;

/**
 * Decides whether a store is asked. Closed: every call goes through. One timeout, or `maxErrors` errors within `probeMs`, open it:
 * then every call is refused, but for one each `probeMs`, which closes it if it succeeds.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #probeMs: number;
  readonly #maxErrors: number;
  #errorsAtMs: readonly number[] = [];
  #openedAtMs = 0;
  #ticket: Ticket = 0;
  #state: 'closed' | 'open' | 'probing' = 'closed';
  openedCount = 0;

  constructor({ clock, probeMs, maxErrors }: BreakerOptions) {
    this.#clock = clock;
    this.#probeMs = probeMs;
    this.#maxErrors = maxErrors;
  }

  get state(): 'closed' | 'open' | 'probing' {
    return this.#state;
  }

  /** Milliseconds until an open breaker lets a call through; 0 if it does now. */
  waitMs(): number {
    return this.#state === 'closed' ? 0 : Math.max(0, this.#openedAtMs + this.#probeMs - this.#clock.nowMs());
  }

  /** A ticket if the call may be made; how it went must then be told. */
  admit(): Ticket | undefined {
    if (this.#state === 'closed') return this.#ticket;
    if (this.#state === 'probing' || this.waitMs() > 0) return undefined;
    this.#state = 'probing';
    return ++this.#ticket;
  }

  /** True if this closed it. */
  succeeded(ticket: Ticket): boolean {
    if (ticket !== this.#ticket || this.#state !== 'probing') return false;
    this.#state = 'closed';
    this.#errorsAtMs = [];
    return true;
  }

  failed(ticket: Ticket, kind: 'timeout' | 'error'): void {
    if (ticket !== this.#ticket) return;
    const nowMs = this.#clock.nowMs();
    this.#errorsAtMs = [...this.#errorsAtMs.filter((atMs) => nowMs - atMs < this.#probeMs), nowMs];
    const isEnough = kind === 'timeout' || this.#state === 'probing' || this.#errorsAtMs.length >= this.#maxErrors;
    if (!isEnough) return;
    if (this.#state === 'closed') this.openedCount++;
    this.#state = 'open';
    this.#openedAtMs = nowMs;
    this.#ticket++;
  }
}
