import type { CacheResult } from '../core/cache-result.ts';
import { currentRequest } from '../request/request-on-span.ts';
import type { CacheEntry } from './cache-entry.ts';
import type { CheckedOptions } from './cache-options.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { Compute, Computations, Wanted } from './computations.ts';
import { checkCompute, type ComputeContext } from './compute-context.ts';
import { isInvalidated, type EntryTable } from './entry-table.ts';
import type { Flight, FlightPurpose, Landing } from './flight.ts';
import type { PatternTable } from './pattern-counts.ts';
import type { TagClock } from './tag-clock.ts';
import {
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
import { waitFor } from './wait-for.ts';

export interface SlowLookupsParts {
  readonly options: CheckedOptions;
  readonly tagClock: TagClock;
  readonly table: EntryTable;
  readonly patterns: PatternTable;
  readonly computations: Computations;
  readonly spans: CacheSpans;
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
    if (!enabled || options.bypass === true) {
      this.#count(wanted.key, 'bypass');
      return await compute(new UnstoredContext(options.signal));
    }
    options.signal?.throwIfAborted();
    const entry = this.#parts.table.get(wanted.key.text);
    const nowMs = entryClock.nowMs();
    if (entry === undefined || isInvalidated(entry) || nowMs >= entry.staleUntilMs) {
      if (entry !== undefined) this.#removeIfDead(wanted.key.text, entry);
      return await this.#getFlown(wanted);
    }
    if (entry.isError) {
      this.#count(wanted.key, 'error');
      throw entry.value;
    }
    if (nowMs < entry.expiresAtMs) return this.#serve(wanted, entry, nowMs);
    return await this.#serveStale(wanted, entry);
  }

  /** Of both tiers, without a computation. */
  async read(key: AnyKey, options: Pick<SetOptions, 'tags'>): Promise<unknown> {
    const wanted = this.#wanted(key, () => undefined, options);
    const { table, options: cacheOptions } = this.#parts;
    const entry = table.get(wanted.key.text);
    const nowMs = cacheOptions.entryClock.nowMs();
    if (entry !== undefined && nowMs < entry.expiresAtMs && !isInvalidated(entry) && !entry.isError)
      return this.#serve(wanted, entry, nowMs);
    if (entry !== undefined) this.#removeIfDead(wanted.key.text, entry);
    if (!cacheOptions.enabled) return this.#count(wanted.key, 'bypass');
    return await this.#getFlown(wanted, 'read');
  }

  /** A fresh value, which may be replaced before its time: the sooner the longer it takes to compute. */
  #serve(wanted: Wanted, entry: CacheEntry, nowMs: number): unknown {
    const { random } = this.#parts.options;
    const { earlyRefreshBeta: beta = 0 } = wanted.options;
    const freshMs = entry.expiresAtMs - nowMs;
    this.#count(wanted.key, 'hit', 'get_or_compute', entry.computeMs, freshMs);
    // 1 - random() is never 0, whose logarithm is none.
    if (beta > 0 && -entry.computeMs * beta * Math.log(1 - random()) >= freshMs)
      this.#parts.computations.refresh(wanted, 'early', entry);
    return entry.value;
  }

  async #serveStale(wanted: Wanted, entry: CacheEntry): Promise<unknown> {
    const { computations } = this.#parts;
    const { softTimeoutMs = 0 } = wanted.options;
    if (!(softTimeoutMs > 0)) {
      computations.refresh(wanted, 'refresh', entry);
      return this.#countStale(wanted, entry);
    }
    const { flight, isJoined } = this.#flightFor(wanted, 'caller');
    let landing: Landing | undefined;
    try {
      landing = await waitFor(flight, wanted.options, wanted.key.pattern);
    } catch (thrown) {
      // The caller's own end of patience is its own; an error of the computation is what the stale value is kept for.
      if (wanted.options.signal?.aborted === true) throw thrown;
    }
    if (isJoined) this.#link(wanted, flight);
    if (landing === undefined) return this.#countStale(wanted, entry);
    if (isJoined) this.#count(wanted.key, 'coalesced');
    else this.#countLanding(wanted, landing);
    return landing.value;
  }

  /** From a flight: the one that is under way, or a new one. `isCounted`: the look-up asks anew. */
  async #getFlown(wanted: Wanted, purpose: FlightPurpose = 'caller', isCounted = false): Promise<unknown> {
    const joinedAt = this.#parts.tagClock.now;
    const { flight, isJoined } = this.#flightFor(wanted, purpose);
    const { softTimeoutMs: _, ...patience } = wanted.options;
    if (isJoined && !isCounted) this.#count(wanted.key, 'coalesced');
    let landing: Landing | undefined;
    try {
      landing = await waitFor(flight, patience, wanted.key.pattern);
    } finally {
      if (isJoined) this.#link(wanted, flight);
      else if (!isCounted) this.#countLanding(wanted, landing);
    }
    // It turned out to depend on what was invalidated, and this caller may have come after that: what it is to get is newer.
    if (isJoined && flight.isVoid && joinedAt > flight.epoch) return await this.#getFlown(wanted, purpose, true);
    return landing?.value;
  }

  #flightFor(wanted: Wanted, purpose: FlightPurpose): { readonly flight: Flight; readonly isJoined: boolean } {
    const { computations } = this.#parts;
    const joinable = computations.joinable(wanted.key.text, tagsOf(wanted.key, wanted.options), purpose);
    if (joinable !== undefined) return { flight: joinable, isJoined: true };
    return { flight: computations.start(wanted, purpose), isJoined: false };
  }

  #wanted(key: AnyKey, compute: Compute, options: GetOrComputeOptions): Wanted {
    const parts = partsOf(key);
    checkCompute(compute);
    checkScope(parts, options);
    // Here, where the caller hears of it; when the value has been computed it would be too late.
    ttlOf(parts, options, this.#parts.options);
    staleSecondsOf(parts, options);
    tagsOf(parts, options);
    checkSeconds('errorTtl', options.errorTtl ?? 0);
    return { key: parts, counts: this.#parts.patterns.of(parts.pattern), compute, options };
  }

  #countStale(wanted: Wanted, entry: CacheEntry): unknown {
    this.#count(wanted.key, 'stale', 'get_or_compute', entry.computeMs, 0);
    return entry.value;
  }

  /** When it has landed: only then is it certain whether its computation has a span. */
  #link({ key }: Wanted, { spanContext }: Flight): void {
    if (spanContext !== undefined) this.#parts.spans.link(spanContext, key.pattern);
  }

  /** The look-up that has started a flight; without a landing its computation failed, or the caller has gone. */
  #countLanding({ key, counts }: Wanted, landing: Landing | undefined): void {
    const { result, computeMs, freshMs } = landing ?? { result: 'miss', computeMs: 0, freshMs: 0 };
    if (result === 'hit') counts.secondTierHits++;
    this.#count(key, result, 'get_or_compute', computeMs, freshMs);
  }

  #count(key: KeyParts, result: CacheResult, operation = 'get_or_compute', computeMs = 0, freshMs = 0): undefined {
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

/** For a computation whose value is not stored: what it says of that has no effect. */
class UnstoredContext implements ComputeContext {
  readonly signal: AbortSignal;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal ?? new AbortController().signal;
  }

  addTags(): void {}

  setTtl(): void {}
}
