import type { CacheResult } from '../core/cache-result.ts';
import { currentRequest } from '../request/request-on-span.ts';
import type { CacheEntry } from './cache-entry.ts';
import type { CheckedOptions } from './cache-options.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { Compute, Computations, Wanted } from './computations.ts';
import { checkCompute } from './compute-context.ts';
import { isInvalidated, type EntryTable } from './entry-table.ts';
import type { Flight, FlightPurpose, Landing } from './flight.ts';
import type { PatternTable } from './pattern-counts.ts';
import type { TagClock } from './tag-clock.ts';
import {
  checkPatience,
  checkScope,
  checkSeconds,
  partsOf,
  patternOf,
  staleSecondsOf,
  tagsOf,
  ttlOf,
  type AnyKey,
  type GetOrComputeOptions,
  type KeyParts,
  type SetOptions,
} from './value-policy.ts';
import { waitFor, type Wait } from './wait-for.ts';

export interface SlowLookupsParts {
  readonly options: CheckedOptions;
  readonly tagClock: TagClock;
  readonly table: EntryTable;
  readonly patterns: PatternTable;
  readonly computations: Computations;
  readonly spans: CacheSpans;
}

/** A caller's place in a flight. */
interface Seat {
  flight: Flight;
  /** The flight was under way when the caller came. */
  isJoined: boolean;
  /** Logical time at which it came: see `TagClock`. */
  joinedAt: number;
}

/** Look-ups that are not answered by a fresh value at once, and those that want something special. */
export class SlowLookups {
  readonly #parts: SlowLookupsParts;

  constructor(parts: SlowLookupsParts) {
    this.#parts = parts;
  }

  /** A look-up that found nothing, or the `entry` that may not be served. */
  countMissed(key: AnyKey, entry: CacheEntry | undefined): void {
    const pattern = patternOf(key);
    if (entry !== undefined) this.#removeIfDead(typeof key === 'string' ? key : key.key, entry);
    const result = this.#parts.options.enabled ? 'miss' : 'bypass';
    this.#tally(pattern, result, 0, 0);
    if (this.#parts.spans.showsLookups) this.show(partsOf(key), 'get', result);
  }

  show(key: KeyParts, operation: string, result: CacheResult): void {
    this.#parts.spans.showLookup(key.text, key.pattern, operation, result);
  }

  async getOrCompute(key: AnyKey, compute: Compute, options: GetOrComputeOptions): Promise<unknown> {
    const wanted = this.#wanted(key, compute, options);
    const { enabled, entryClock } = this.#parts.options;
    options.signal?.throwIfAborted();
    if (!enabled || options.bypass === true) return await this.#getAlone(wanted);
    const entry = this.#parts.table.get(wanted.key.text);
    const nowMs = entryClock.nowMs();
    if (entry === undefined || isInvalidated(entry) || nowMs >= entry.staleUntilMs) {
      if (entry !== undefined) this.#removeIfDead(wanted.key.text, entry);
      return await this.#getFlown(wanted);
    }
    if (entry.isError) {
      this.#count(wanted, 'error');
      throw entry.value;
    }
    if (nowMs < entry.expiresAtMs) return this.#serve(wanted, entry, nowMs);
    return await this.#serveStale(wanted, entry);
  }

  /** Of both tiers, without a computation. */
  async read(key: AnyKey, options: Pick<SetOptions, 'tags'>): Promise<unknown> {
    const wanted = this.#wanted(key, () => undefined, options, 'get');
    const { table, options: cacheOptions } = this.#parts;
    const entry = table.get(wanted.key.text);
    const nowMs = cacheOptions.entryClock.nowMs();
    if (entry !== undefined && nowMs < entry.expiresAtMs && !isInvalidated(entry) && !entry.isError)
      return this.#serve(wanted, entry, nowMs);
    if (entry !== undefined) this.#removeIfDead(wanted.key.text, entry);
    if (!cacheOptions.enabled) return this.#count(wanted, 'bypass');
    return await this.#getFlown(wanted, 'read');
  }

  /** A fresh value, which may be replaced before its time: the sooner the longer it takes to compute. */
  #serve(wanted: Wanted, entry: CacheEntry, nowMs: number): unknown {
    const { random } = this.#parts.options;
    const { earlyRefreshBeta: beta = 0 } = wanted.options;
    const freshMs = entry.expiresAtMs - nowMs;
    this.#count(wanted, 'hit', entry.computeMs, freshMs);
    // 1 - random() is never 0, whose logarithm is none.
    if (beta > 0 && -entry.computeMs * beta * Math.log(1 - random()) >= freshMs)
      this.#parts.computations.refresh(wanted, 'early', entry);
    return entry.value;
  }

  async #serveStale(wanted: Wanted, entry: CacheEntry): Promise<unknown> {
    const { softTimeoutMs = 0 } = wanted.options;
    if (!(softTimeoutMs > 0)) {
      this.#parts.computations.refresh(wanted, 'refresh', entry);
      return this.#countStale(wanted, entry);
    }
    const seat = this.#seatIn(wanted, 'renew');
    const { isJoined } = seat;
    const mayGiveUp = (): boolean => this.#isStill(entry, wanted.key.text);
    let landing: Landing | undefined;
    try {
      const next = (): Flight | undefined => this.#nextOf(wanted, seat);
      landing = await waitFor(seat.flight, { ...this.#waitOf(wanted), softTimeoutMs, mayGiveUp, next });
    } catch (thrown) {
      // The caller's own end of patience is its own; an error of the computation is what the stale value is kept for.
      if (wanted.options.signal?.aborted === true || !mayGiveUp()) {
        this.#countFlown(wanted, isJoined, undefined);
        throw thrown;
      }
    } finally {
      this.#link(wanted, seat);
    }
    if (landing === undefined) return this.#countStale(wanted, entry);
    this.#countFlown(wanted, isJoined, landing);
    return landing.value;
  }

  /** The entry may be served as a stale one even now. */
  #isStill(entry: CacheEntry, text: string): boolean {
    const { table, options } = this.#parts;
    return table.peek(text) === entry && !isInvalidated(entry) && options.entryClock.nowMs() < entry.staleUntilMs;
  }

  /** From a flight: the one that is under way, or a new one. */
  async #getFlown(wanted: Wanted, purpose: FlightPurpose = 'caller'): Promise<unknown> {
    const seat = this.#seatIn(wanted, purpose);
    // It is one look-up, whether or not the caller has to change for another flight.
    const { isJoined } = seat;
    if (isJoined) this.#countFlown(wanted, true, undefined);
    let landing: Landing | undefined;
    try {
      const next = (): Flight | undefined => this.#nextOf(wanted, seat);
      landing = await waitFor(seat.flight, { ...this.#waitOf(wanted), next });
    } finally {
      if (!isJoined) this.#countFlown(wanted, false, landing);
      this.#link(wanted, seat);
    }
    return landing?.value;
  }

  /** Past the cache: for this caller alone. */
  async #getAlone(wanted: Wanted): Promise<unknown> {
    this.#count(wanted, 'bypass');
    const flight = this.#parts.computations.start(wanted, 'alone');
    const landing = await waitFor(flight, this.#waitOf(wanted));
    return landing?.value;
  }

  #seatIn(wanted: Wanted, purpose: FlightPurpose): Seat {
    const { computations, tagClock } = this.#parts;
    const joinedAt = tagClock.now;
    const joinable = computations.joinable(wanted.key.text, wanted.tags, purpose);
    if (joinable !== undefined) return { flight: joinable, isJoined: true, joinedAt };
    return { flight: computations.start(wanted, purpose), isJoined: false, joinedAt };
  }

  #waitOf({ key, options: { hardTimeoutMs, signal } }: Wanted): Wait {
    return { hardTimeoutMs, signal, pattern: key.pattern };
  }

  /** The flight to change for when the one of the seat has landed; the seat is in that one then. */
  #nextOf(wanted: Wanted, seat: Seat): Flight | undefined {
    const { flight, isJoined, joinedAt } = seat;
    // It turned out to depend on what was invalidated, and this caller may have come after that: what it is to get is newer.
    if (!isJoined || !flight.isVoid || joinedAt <= flight.epoch) return undefined;
    return Object.assign(seat, this.#seatIn(wanted, flight.purpose === 'read' ? 'read' : 'caller')).flight;
  }

  #wanted(
    key: AnyKey,
    compute: Compute,
    options: GetOrComputeOptions,
    operation: Wanted['operation'] = 'get_or_compute',
  ): Wanted {
    const parts = partsOf(key);
    checkCompute(compute);
    checkScope(parts, options);
    checkSeconds('errorTtl', options.errorTtl ?? 0);
    checkPatience('hardTimeoutMs', options.hardTimeoutMs);
    checkPatience('softTimeoutMs', options.softTimeoutMs);
    return {
      key: parts,
      counts: this.#parts.patterns.of(parts.pattern),
      compute,
      options,
      operation,
      tags: tagsOf(parts, options),
      ttl: ttlOf(parts, options, this.#parts.options),
      staleSeconds: staleSecondsOf(parts, options),
    };
  }

  #countStale(wanted: Wanted, entry: CacheEntry): unknown {
    // Below 0: for so long it has been stale.
    this.#count(wanted, 'stale', entry.computeMs, entry.expiresAtMs - this.#parts.options.entryClock.nowMs());
    return entry.value;
  }

  /** When a flight of another has landed: only then is it certain whether its computation has a span. */
  #link({ key }: Wanted, { flight: { spanContext }, isJoined }: Seat): void {
    if (isJoined && spanContext !== undefined) this.#parts.spans.link(spanContext, key.pattern);
  }

  /** The look-up that waited for a flight; without a landing its computation failed, or the caller has gone. */
  #countFlown(wanted: Wanted, isJoined: boolean, landing: Landing | undefined): void {
    if (isJoined) return this.#count(wanted, 'coalesced');
    const { result, computeMs, freshMs } = landing ?? { result: 'miss', computeMs: 0, freshMs: 0 };
    if (result === 'hit') wanted.counts.secondTierHits++;
    this.#count(wanted, result, computeMs, freshMs);
  }

  #count(
    { key, operation }: Pick<Wanted, 'key' | 'operation'>,
    result: CacheResult,
    computeMs = 0,
    freshMs = 0,
  ): undefined {
    this.#tally(key.pattern, result, computeMs, freshMs);
    if (this.#parts.spans.showsLookups) this.show(key, operation, result);
  }

  #tally(pattern: string, result: CacheResult, computeMs: number, freshMs: number): void {
    const counts = this.#parts.patterns.of(pattern);
    counts.addLookup(result);
    if (result === 'hit' || result === 'stale') counts.savedUs += 1000 * computeMs;
    currentRequest()?.addCacheLookup(result, computeMs, freshMs);
  }

  #removeIfDead(text: string, entry: CacheEntry): void {
    if (isInvalidated(entry) || this.#parts.options.entryClock.nowMs() >= entry.staleUntilMs)
      this.#parts.table.remove(text, entry);
  }
}
