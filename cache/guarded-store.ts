import { systemClock, type Clock } from '../core/clock.ts';
import { Breaker, type Ticket } from './guard/breaker.ts';
import { PendingInvalidations, type Invalidations } from './guard/pending-invalidations.ts';
import { withDeadline, type Outcome } from './guard/with-deadline.ts';
import { OperationTimes, type StoreOperation } from './operation-times.ts';
import { systemTimer, type SetTimer } from './set-timer.ts';
import type { CacheStore, StoredEntry, StoreFence, StoreMessage, StoreRead, WindowCount } from './store.ts';

export interface GuardedStoreOptions {
  readonly clock?: Clock;
  readonly setTimer?: SetTimer;
  /** How long one computed value may wait for the store in all, its read and its write together: 250 ms unless it is given. */
  readonly deadlineMs?: number;
  /** How long a store that failed is left alone: 10 000 ms unless it is given. */
  readonly probeMs?: number;
  /** So many errors within `probeMs` count as a failure of the store: 5 unless it is given. One timeout does. */
  readonly maxErrors?: number;
}

/** Since the start; `state` and `pendingCount` are as they are now. */
export interface GuardedStoreCounters {
  /** `open`: nothing is asked of the store. `probing`: one call is. */
  readonly state: 'closed' | 'open' | 'probing';
  readonly timeouts: number;
  readonly errors: number;
  /** Calls that were not made, because the store had failed shortly before. */
  readonly refused: number;
  readonly opened: number;
  /** Invalidations that the store does not know of yet. While there are any, nothing is read from it. */
  readonly pendingCount: number;
  readonly replayed: number;
  /** Pending invalidations beyond the limit: one of everything stands for them. */
  readonly collapsed: number;
  /** Listeners that threw. */
  readonly listenerFaults: number;
}

/** Pending invalidations beyond this become one of everything. */
const PENDING_MAX = 1000;

/**
 * A store that may be slow, away or broken without hurting anybody. No method rejects, none waits longer than the deadline, and
 * while the store is away none waits at all, but for one each `probeMs`.
 *
 * An invalidation that does not reach the store is kept, and the store is told before anything else is asked of it. Until then this
 * process reads nothing from it: it never serves what it invalidated. The store's fences void what was computed before.
 */
export class GuardedStore {
  readonly name: string;
  /** How long its calls took. */
  readonly operationTimes = new OperationTimes();
  readonly #store: CacheStore;
  readonly #clock: Clock;
  readonly #setTimer: SetTimer;
  readonly #deadlineMs: number;
  readonly #probeMs: number;
  readonly #breaker: Breaker;
  readonly #pending = new PendingInvalidations(PENDING_MAX);
  readonly #listeners = new Set<(message: StoreMessage) => void>();
  /** By fence: how much of the deadline its read took. */
  readonly #spentMs = new WeakMap<StoreFence, number>();
  readonly #counts = { timeouts: 0, errors: 0, refused: 0, replayed: 0, listenerFaults: 0 };
  #replaying: Promise<boolean> | undefined;
  #cancelReplay: (() => void) | undefined;
  /** How many invalidations ever became pending. */
  #pendingEver = 0;
  #isDisposed = false;

  constructor(store: CacheStore, options: GuardedStoreOptions = {}) {
    const { clock = systemClock, setTimer = systemTimer, deadlineMs = 250, probeMs = 10_000, maxErrors = 5 } = options;
    this.name = store.name;
    this.#store = store;
    this.#clock = clock;
    this.#setTimer = setTimer;
    this.#deadlineMs = deadlineMs;
    this.#probeMs = probeMs;
    this.#breaker = new Breaker({ clock, probeMs, maxErrors });
  }

  get counters(): GuardedStoreCounters {
    return {
      ...this.#counts,
      state: this.#breaker.state,
      opened: this.#breaker.openedCount,
      pendingCount: this.#pending.size,
      collapsed: this.#pending.collapsedCount,
    };
  }

  /** `undefined`: the store could not be asked. Nothing that is computed then can be written to it. */
  async read(key: string, tags: readonly string[]): Promise<StoreRead | undefined> {
    const startMs = this.#clock.nowMs();
    const pendingEver = this.#pendingEver;
    const read = valueOf(await this.#call('get', () => this.#store.read(key, tags), this.#deadlineMs));
    // What became pending meanwhile may be what was read.
    if (read === undefined || (pendingEver !== this.#pendingEver && this.#isBehind())) return undefined;
    this.#spentMs.set(read.fence, this.#clock.nowMs() - startMs);
    return read;
  }

  /** Bytes; `undefined` when nothing was written, or when it is not known in time. */
  async write(key: string, entry: StoredEntry, fence: StoreFence): Promise<number | undefined> {
    const leftMs = Math.max(0, this.#deadlineMs - (this.#spentMs.get(fence) ?? 0));
    return valueOf(await this.#call('set', () => this.#store.write(key, entry, fence), leftMs));
  }

  /** `false`: the store does not know of it yet. So do the two others. */
  async delete(key: string): Promise<boolean> {
    return await this.#invalidate({ keys: [key], tags: [], everything: false });
  }

  async invalidateTags(tags: readonly string[]): Promise<boolean> {
    // Without a word to the store there is no answer of it that could close the breaker.
    return tags.length === 0 || (await this.#invalidate({ keys: [], tags, everything: false }));
  }

  async clear(): Promise<boolean> {
    return await this.#invalidate({ keys: [], tags: [], everything: true });
  }

  async increment(key: string, windowMs: number): Promise<WindowCount | undefined> {
    return valueOf(await this.#call('increment', () => this.#store.increment(key, windowMs), this.#deadlineMs));
  }

  /** As the store's own; and tells `everything` when the store is back, for its messages may have been lost. */
  subscribe(listener: (message: StoreMessage) => void): (() => void) | undefined {
    // Wrapped, because one function may be subscribed twice.
    const own = (message: StoreMessage): void => this.#tell(listener, message);
    try {
      const unsubscribe = this.#store.subscribe(own);
      if (unsubscribe === undefined) return undefined;
      this.#listeners.add(own);
      return () => {
        this.#listeners.delete(own);
        this.#attempt(unsubscribe);
      };
    } catch {
      this.#counts.errors++;
      return undefined;
    }
  }

  /** Tells the store what is pending, if it answers, and disposes of it. */
  async dispose(): Promise<void> {
    this.#cancelReplay?.();
    if (this.#isBehind()) await this.#catchUp(this.#deadlineMs);
    this.#isDisposed = true;
    this.#cancelReplay?.();
    this.#listeners.clear();
    await withDeadline(() => this.#store.dispose(), this.#deadlineMs, this.#setTimer);
  }

  async #invalidate(change: Invalidations): Promise<boolean> {
    if (!this.#isBehind()) {
      const outcome = await this.#call(operationOf(change), () => this.#apply(change), this.#deadlineMs);
      if (outcome?.kind === 'value') return true;
      this.#postpone(change);
      return false;
    }
    this.#postpone(change);
    return await this.#catchUp(this.#deadlineMs);
  }

  /** `undefined`: refused. The call goes on after `budgetMs`, and is judged by the whole deadline. */
  async #call<T>(operation: StoreOperation, call: () => Promise<T>, budgetMs: number): Promise<Outcome<T> | undefined> {
    const startMs = this.#clock.nowMs();
    const wasBehind = this.#isBehind();
    const isCurrent = !wasBehind || (await this.#catchUp(budgetMs));
    const ticket = isCurrent && !this.#isDisposed ? this.#breaker.admit() : undefined;
    if (ticket === undefined) {
      this.#counts.refused++;
      return undefined;
    }
    const judged = this.#judged(ticket, operation, call);
    if (!wasBehind && budgetMs >= this.#deadlineMs) return await judged;
    const leftMs = Math.max(0, budgetMs - (this.#clock.nowMs() - startMs));
    return valueOf(await withDeadline(() => judged, leftMs, this.#setTimer));
  }

  async #judged<T>(ticket: Ticket, operation: StoreOperation, call: () => Promise<T>): Promise<Outcome<T>> {
    const startMs = this.#clock.nowMs();
    const outcome = await withDeadline(call, this.#deadlineMs, this.#setTimer);
    const failure = outcome.kind === 'value' ? undefined : outcome.kind;
    this.operationTimes.add(operation, failure, this.#clock.nowMs() - startMs);
    if (outcome.kind === 'value') {
      if (this.#breaker.succeeded(ticket)) for (const listener of this.#listeners) listener({ kind: 'everything' });
      return outcome;
    }
    this.#counts[outcome.kind === 'timeout' ? 'timeouts' : 'errors']++;
    this.#breaker.failed(ticket, outcome.kind);
    return outcome;
  }

  #isBehind(): boolean {
    return this.#pending.size > 0 || this.#replaying !== undefined;
  }

  #postpone(change: Invalidations): void {
    this.#pending.add(change);
    this.#pendingEver++;
    this.#scheduleReplay();
  }

  /** Without traffic, too, for other processes serve what this one invalidated. */
  #scheduleReplay(): void {
    if (this.#isDisposed) return;
    this.#cancelReplay?.();
    const delayMs = Math.max(this.#breaker.waitMs(), this.#probeMs / 10);
    this.#cancelReplay = this.#setTimer(() => void this.#replay(), delayMs, false);
  }

  async #catchUp(budgetMs: number): Promise<boolean> {
    const outcome = await withDeadline(() => this.#replay(), budgetMs, this.#setTimer);
    return outcome.kind === 'value' && outcome.value;
  }

  /** True if the store knows of everything; one at a time. */
  async #replay(): Promise<boolean> {
    if (this.#replaying !== undefined) return await this.#replaying;
    if (this.#pending.size > 0 && this.#breaker.waitMs() === 0) {
      const replaying = this.#replayAll();
      this.#replaying = replaying;
      return await replaying;
    }
    if (this.#pending.size > 0) this.#scheduleReplay();
    return this.#pending.size === 0;
  }

  async #replayAll(): Promise<boolean> {
    let next: Invalidations | undefined;
    // Before the first wait nobody knows of this promise, and `#replaying` could not be reset.
    await Promise.resolve();
    while (this.#pending.size > 0) {
      const ticket = this.#breaker.admit();
      if (ticket === undefined) break;
      const some = (next = this.#pending.take());
      const outcome = await this.#judged(ticket, operationOf(some), () => this.#apply(some));
      if (outcome.kind !== 'value') break;
      next = undefined;
      this.#counts.replayed += some.keys.length + some.tags.length + (some.everything ? 1 : 0);
    }
    if (next !== undefined) this.#pending.add(next);
    this.#replaying = undefined;
    if (this.#pending.size > 0) this.#scheduleReplay();
    return this.#pending.size === 0;
  }

  async #apply({ keys, tags, everything }: Invalidations): Promise<void> {
    if (everything) return await this.#store.clear();
    await Promise.all([
      ...(tags.length > 0 ? [this.#store.invalidateTags(tags)] : []),
      ...keys.map((key) => this.#store.delete(key)),
    ]);
  }

  #tell(listener: (message: StoreMessage) => void, message: StoreMessage): void {
    this.#attempt(() => listener(message));
  }

  #attempt(call: () => void): void {
    try {
      call();
    } catch {
      this.#counts.listenerFaults++;
    }
  }
}

/** Several that were pending may go together: their tags name them. */
function operationOf({ everything, tags }: Invalidations): StoreOperation {
  if (everything) return 'clear';
  return tags.length > 0 ? 'invalidate_tags' : 'delete';
}

function valueOf<T>(outcome: Outcome<T> | undefined): T | undefined {
  return outcome?.kind === 'value' ? outcome.value : undefined;
}
