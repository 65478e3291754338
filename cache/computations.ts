import type { Span } from '@opentelemetry/api';
import type { CacheResult } from '../core/cache-result.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { currentRequest } from '../request/request-on-span.ts';
import { bytesOf } from './bytes-of.ts';
import type { CacheEntry, EntryParts } from './cache-entry.ts';
import type { CheckedOptions } from './cache-options.ts';
import type { CacheSpans } from './cache-spans.ts';
import { LiveComputeContext, type ComputeContext } from './compute-context.ts';
import { isInvalidated, type EntryTable } from './entry-table.ts';
import type { FirstTierReach } from './first-tier-reach.ts';
import { Flight, type FlightPurpose, type Landing } from './flight.ts';
import type { PatternCounts } from './pattern-counts.ts';
import type { SecondTierValues } from './second-tier-values.ts';
import { invalidatedSince, type TagClock } from './tag-clock.ts';
import { jittered, MAX_TAGS, type GetOrComputeOptions, type KeyParts } from './value-policy.ts';

/** After a refresh in the background has failed, the value is not refreshed for so long. */
const REFRESH_RETRY_MS = 1000;
/** A computation that takes longer is waited for by those who wait, and by nobody else: one that never ends must not block its key. */
export const JOINABLE_MS = 300_000;

export type Compute = (context: ComputeContext) => unknown;

/** What is asked for: whose value, how to compute it and how to keep it. */
export interface Wanted {
  readonly key: KeyParts;
  readonly counts: PatternCounts;
  readonly compute: Compute;
  readonly options: GetOrComputeOptions;
  /** For telemetry. */
  readonly operation: 'get' | 'get_or_compute';
  /** What the options say together with the key and the cache: of the moment of the call. */
  readonly tags: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  readonly staleSeconds: number;
}

export interface ComputationsParts {
  readonly options: CheckedOptions;
  readonly tagClock: TagClock;
  readonly table: EntryTable;
  readonly spans: CacheSpans;
  readonly secondTier: SecondTierValues | undefined;
  readonly reach: FirstTierReach;
}

/**
 * The computations under way, one for each key. What one computes is stored only if it is still the key's when it ends, and none
 * of its tags was invalidated since it started; its callers get the value all the same.
 */
export class Computations {
  readonly #parts: ComputationsParts;
  readonly #flights = new Map<string, Flight>();
  /** Those that only read the second tier; who wants a value computed does not wait for one of them. */
  readonly #reads = new Map<string, Flight>();

  constructor(parts: ComputationsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#flights.size;
  }

  /**
   * The key's flight, if a caller who comes now may have its value: not one that was invalidated, nor one that waits for this caller,
   * nor one that has not ended for very long. One that was aborted is no longer the key's.
   */
  joinable(text: string, tags: readonly string[], purpose: FlightPurpose = 'caller'): Flight | undefined {
    const { tagClock, options } = this.#parts;
    const flight = this.#mapOf(purpose).get(text);
    if (flight === undefined || flight.isAround) return undefined;
    if (options.entryClock.nowMs() - flight.startedMs > JOINABLE_MS) return undefined;
    return flight.holds(tagClock, tags) ? flight : undefined;
  }

  /** From now on the key has no computation under way: what one computes all the same is not stored. */
  ground(text: string): void {
    // Most keys are set while nothing is computed.
    if (this.#flights.size > 0) this.#flights.delete(text);
    if (this.#reads.size > 0) this.#reads.delete(text);
  }

  groundAll(): void {
    this.#flights.clear();
    this.#reads.clear();
  }

  /** Starts the key's flight. */
  start(wanted: Wanted, purpose: FlightPurpose): Flight {
    const { key, tags } = wanted;
    const { tagClock, options, spans } = this.#parts;
    const flight: Flight = new Flight({
      epoch: tagClock.now,
      purpose,
      startedMs: options.entryClock.nowMs(),
      onAbort: () => this.#abandon(flight, wanted),
    });
    flight.tags.push(...tagClock.holdAll(tags, key.definition?.tagPatterns));
    if (purpose !== 'alone') this.#mapOf(purpose).set(key.text, flight);
    flight.takeOff(spans, () => this.#flyAndEnd(flight, wanted));
    return flight;
  }

  /** Computes in the background, unless that is under way or has just failed. */
  refresh(wanted: Wanted, purpose: 'refresh' | 'early', entry: CacheEntry | undefined): void {
    const { entryClock } = this.#parts.options;
    if (entry !== undefined && entryClock.nowMs() < entry.refreshNotBeforeMs) return;
    if (this.joinable(wanted.key.text, []) === undefined) this.start(wanted, purpose);
  }

  /** Whatever happens, the key is free again, and no tag is held by what has gone. */
  async #flyAndEnd(flight: Flight, wanted: Wanted): Promise<Landing> {
    try {
      return await this.#fly(flight, wanted);
    } finally {
      this.#end(flight, wanted);
      if (!flight.hasGivenTags) this.#releaseTags(flight);
    }
  }

  async #fly(flight: Flight, wanted: Wanted): Promise<Landing> {
    const { secondTier, options } = this.#parts;
    if (flight.purpose === 'alone') return this.#compute(flight, wanted, 'bypass');
    if (secondTier === undefined) return this.#compute(flight, wanted, 'miss');
    const found = await secondTier.read(wanted.key, flight, wanted.counts);
    if (found === 'unavailable' || found === 'absent') {
      const result = found === 'absent' ? 'miss' : 'error';
      if (flight.purpose !== 'read') return this.#compute(flight, wanted, result);
      return { value: undefined, result, computeMs: 0, freshMs: 0 };
    }
    const { value, computeMs, expiresAtMs } = found.entry;
    const bytes = bytesOf(value, options);
    this.#end(flight, wanted);
    if (flight.wasCurrent && !flight.isVoid) this.#store(flight, wanted, found.entry, bytes);
    if (found.result === 'stale') this.refresh(wanted, 'refresh', undefined);
    const freshMs = Math.max(0, expiresAtMs - options.entryClock.nowMs());
    return { value, result: found.result, computeMs, freshMs };
  }

  async #compute(flight: Flight, wanted: Wanted, result: CacheResult): Promise<Landing> {
    const { key, counts, compute } = wanted;
    const { spans, tagClock, options } = this.#parts;
    const { isBackground, trigger } = flight;
    const tagPatterns = key.definition?.tagPatterns ?? [];
    const span = spans.startCompute({ key: key.text, pattern: key.pattern, tagPatterns, trigger, isBackground });
    flight.spanContext = spans.contextOf(span);
    const request = isBackground ? undefined : currentRequest();
    const computeContext = new LiveComputeContext(flight, tagClock);
    const startedMs = options.clock.nowMs();
    let value: unknown;
    try {
      value = await spans.within(span, () => compute(computeContext));
    } catch (thrown) {
      const computeMs = this.#count(counts, request, startedMs);
      counts.computeErrors++;
      computeContext.close();
      this.#landFailed(flight, wanted, { thrown, computeMs, span });
      throw thrown;
    }
    const computeMs = this.#count(counts, request, startedMs);
    computeContext.close();
    this.#land(flight, wanted, computeContext, { value, computeMs, span });
    return { value, result, computeMs, freshMs: Infinity };
  }

  #count(counts: PatternCounts, request: LiveRequest | undefined, startedMs: number): number {
    const computeMs = Math.max(0, this.#parts.options.clock.nowMs() - startedMs);
    counts.computeDurations.record(computeMs / 1000);
    request?.addCacheCompute(computeMs);
    return computeMs;
  }

  #land(
    flight: Flight,
    wanted: Wanted,
    computeContext: LiveComputeContext,
    { value, computeMs, span }: { value: unknown; computeMs: number; span: Span | undefined },
  ): void {
    const { options, spans, secondTier, reach, table } = this.#parts;
    const { ttl = wanted.ttl } = computeContext;
    // Asks the user's code, which may use the cache: before anything is decided.
    const bytes = bytesOf(value, options);
    this.#end(flight, wanted);
    let wasStored = false;
    if (value === undefined || !(ttl > 0) || flight.tags.length > MAX_TAGS) {
      // A value that is no longer to be kept is not served as it was before either.
      if (flight.wasCurrent) table.delete(wanted.key.text);
    } else if (this.#mayStore(flight, wanted)) {
      const staleMs = 1000 * wanted.staleSeconds;
      const parts = this.#partsOf(flight, wanted, { value, computeMs, freshMs: 1000 * ttl, staleMs });
      secondTier?.write(wanted.key, flight, parts);
      wasStored = this.#store(flight, wanted, reach.entryOf(parts, flight), bytes);
    }
    spans.endCompute(span, { ttl, wasStored });
  }

  #landFailed(
    flight: Flight,
    wanted: Wanted,
    { thrown, computeMs, span }: { thrown: unknown; computeMs: number; span: Span | undefined },
  ): void {
    const { table, options, spans, reach } = this.#parts;
    const bytes = bytesOf(thrown, options);
    this.#end(flight, wanted);
    const before = table.peek(wanted.key.text);
    const nowMs = options.entryClock.nowMs();
    if (before !== undefined && !flight.isAborted) before.refreshNotBeforeMs = nowMs + REFRESH_RETRY_MS;
    const hasStale = before !== undefined && !before.isError && nowMs < before.staleUntilMs && !isInvalidated(before);
    const errorTtl = wanted.options.errorTtl ?? 0;
    if (errorTtl > 0 && !hasStale && this.#mayStore(flight, wanted)) {
      const parts = { value: thrown, computeMs, freshMs: 1000 * errorTtl, staleMs: 0 };
      this.#store(flight, wanted, reach.entryOf(this.#partsOf(flight, wanted, parts), { isError: true }), bytes);
    }
    spans.endCompute(span, { wasStored: false, error: { thrown } });
  }

  /** The flight is over: the key is free for another. What is being read of it from the second tier is older. */
  #end(flight: Flight, { key }: Wanted): void {
    if (flight.hasEnded) return;
    flight.hasEnded = true;
    flight.wasCurrent = this.#remove(flight, key);
    if (flight.wasCurrent) this.#reads.delete(key.text);
    flight.isVoid = invalidatedSince(flight.tags, flight.epoch) > 0;
  }

  /** True if it was the key's. */
  #remove(flight: Flight, { text }: KeyParts): boolean {
    const flights = this.#mapOf(flight.purpose);
    return flights.get(text) === flight && flights.delete(text);
  }

  /** Nobody waits for it, and what it brings is not kept; it may never end. */
  #abandon(flight: Flight, { key }: Wanted): void {
    this.#remove(flight, key);
    this.#releaseTags(flight);
  }

  #releaseTags({ tags }: Flight): void {
    for (const state of tags.splice(0)) this.#parts.tagClock.release(state);
  }

  #mapOf(purpose: FlightPurpose): Map<string, Flight> {
    return purpose === 'read' ? this.#reads : this.#flights;
  }

  /** Counts the computed value that may not be stored. One that was aborted may be half of a value; nobody waits for it. */
  #mayStore(flight: Flight, { counts }: Wanted): boolean {
    if (flight.isAborted || flight.purpose === 'alone') return false;
    if (flight.wasCurrent && !flight.isVoid) return true;
    counts.discardedStores++;
    return false;
  }

  #partsOf(
    { epoch, tags }: Flight,
    { counts }: Wanted,
    parts: Pick<EntryParts, 'value' | 'freshMs' | 'staleMs' | 'computeMs'>,
  ): EntryParts {
    return { ...parts, freshMs: jittered(parts.freshMs, this.#parts.options), epoch, tags, counts };
  }

  /** Stores; the holds on the tags are the entry's from then on. */
  #store(flight: Flight, { key, counts }: Wanted, entry: CacheEntry, bytes: number): boolean {
    flight.hasGivenTags = true;
    const wasStored = this.#parts.table.set(key.text, entry, bytes);
    if (wasStored) counts.sets++;
    return wasStored;
  }
}
