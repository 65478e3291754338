import type { HeldTransactions } from '../core/types.ts';
import { HeldTime, type HoldingCall } from './held-time.ts';

/** What a call to another service must have found at its start to count as holding a transaction; -1 when it did not. */
export type HoldMark = number;

/** Transactions within each other, or at the same time, that are told apart; further ones are taken for the last of these. */
const MAX_DEPTH = 8;

/**
 * Follows whether the request has a transaction open, and which calls to other services ran while it stood idle: opened
 * before the call, still open after it, and no query started or running in between. A transaction that works while a call
 * runs beside it is not held by the call.
 *
 *     BEGIN  UPDATE …  [ call ]  COMMIT        held
 *     [ call                            ]      not: it was there before the transaction
 *            BEGIN  UPDATE …  COMMIT
 *
 * A call counts when the transaction has ended by COMMIT or ROLLBACK. One that never does was closed with its connection, or
 * is forgotten and open for another reason; without this rule every later call of the request would count.
 */
export class OpenTransactions {
  #open = 0;
  #queriesRunning = 0;
  #queriesStarted = 0;
  /** By the number of transactions that were open. Empty while no call held one. */
  #pending: (HeldTime | undefined)[] | undefined;
  #held: HeldTime | undefined;
  /** Of transactions that were seen to begin. */
  rollbackCount = 0;

  get isOpen(): boolean {
    return this.#open > 0;
  }

  begin(): void {
    this.#open++;
  }

  end(rolledBack = false): void {
    if (this.#open === 0) return;
    if (rolledBack) this.rollbackCount++;
    const depth = Math.min(this.#open, MAX_DEPTH);
    this.#open--;
    const ended = this.#pending?.[depth];
    if (this.#pending === undefined || ended === undefined) return;
    this.#pending[depth] = undefined;
    if (this.#held === undefined) this.#held = ended;
    else this.#held.merge(ended);
  }

  queryStarted(): void {
    this.#queriesRunning++;
    this.#queriesStarted++;
  }

  queryEnded(): void {
    if (this.#queriesRunning > 0) this.#queriesRunning--;
  }

  callStarted(): HoldMark {
    return this.#open > 0 && this.#queriesRunning === 0 ? this.#queriesStarted : -1;
  }

  callEnded(mark: HoldMark, call: HoldingCall): void {
    // A COMMIT is a query too: a transaction that was open at the mark still is when none has started since.
    if (mark < 0 || this.#open === 0 || mark !== this.#queriesStarted) return;
    this.#pending ??= [];
    (this.#pending[Math.min(this.#open, MAX_DEPTH)] ??= new HeldTime()).add(call);
  }

  /** `undefined` when no call held one. */
  get held(): HeldTransactions | undefined {
    return this.#held?.toHeldTransactions();
  }
}
