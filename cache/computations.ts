import type { Span } from '@opentelemetry/api';
import type { CacheResult } from '../core/cache-result.ts';
import { currentRequest } from '../request/request-on-span.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { bytesOf } from './bytes-of.ts';
import { CacheEntry, type EntryParts } from './cache-entry.ts';
import type { CheckedOptions } from './cache-options.ts';
import type { CacheSpans } from './cache-spans.ts';
import { LiveComputeContext, type ComputeContext } from './compute-context.ts';
import type { EntryTable } from './entry-table.ts';
import { Flight, type FlightPurpose, type Landing } from './flight.ts';
import type { PatternCounts } from './pattern-counts.ts';
import { SecondTierValues } from './second-tier-values.ts';
import { invalidatedSince, type TagClock } from './tag-clock.ts';
import { staleSecondsOf, tagsOf, ttlOf, type GetOrComputeOptions, type KeyParts } from './value-policy.ts';

/** After a refresh in the background has failed, the value is not refreshed for so long. */
const REFRESH_RETRY_MS = 1000;

export type Compute = (context: ComputeContext) => unknown;

/** What is asked for: whose value, how to compute it and how to keep it. */
export interface Wanted {
  readonly key: KeyParts;
  readonly counts: PatternCounts;
  readonly compute: Compute;
  readonly options: GetOrComputeOptions;
}

export interface ComputationsParts {
  readonly options: CheckedOptions;
  readonly tagClock: TagClock;
  readonly table: EntryTable;
  readonly spans: CacheSpans;
  readonly secondTier: SecondTierValues | undefined;
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

  /** The key's computation, if a caller who comes now may have its value: not one that was invalidated, nor one that waits for this caller. */
  joinable(text: string, tags: readonly string[], purpose: FlightPurpose = 'caller'): Flight | undefined {
    const flight = this.#flights.get(text) ?? (purpose === 'read' ? this.#reads.get(text) : undefined);
    return flight?.holds(this.#parts.tagClock, tags) === true && !flight.isAround ? flight : undefined;
  }

  /** From now on the key has no computation under way: what one computes all the same is not stored. */
  ground(text: string): void {
    this.#flights.delete(text);
    this.#reads.delete(text);
  }

  groundAll(): void {
    this.#flights.clear();
    this.#reads.clear();
  }

  /** Starts the key's computation. */
  start(wanted: Wanted, purpose: FlightPurpose): Flight {
    const { key, options } = wanted;
    const { tagClock } = this.#parts;
    const flight = new Flight(tagClock.now, purpose);
    flight.tags.push(...tagClock.holdAll(tagsOf(key, options), key.definition?.tagPatterns));
    this.#mapOf(flight).set(key.text, flight);
    flight.takeOff(() => this.#fly(flight, wanted));
    return flight;
  }

  /** Computes in the background, unless that is under way or has just failed. */
  refresh(wanted: Wanted, purpose: 'refresh' | 'early', entry: CacheEntry | undefined): void {
    const { entryClock } = this.#parts.options;
    if (entry !== undefined && entryClock.nowMs() < entry.refreshNotBeforeMs) return;
    if (this.joinable(wanted.key.text, []) === undefined) this.start(wanted, purpose);
  }

  async #fly(flight: Flight, wanted: Wanted): Promise<Landing> {
    const { secondTier, options } = this.#parts;
    if (secondTier === undefined) return this.#compute(flight, wanted, 'miss');
    const found = await secondTier.read(wanted.key, flight, wanted.counts);
    if (found === 'unavailable' || found === 'absent') {
      const result = found === 'absent' ? 'miss' : 'error';
      return flight.purpose === 'read'
        ? this.#landEmpty(flight, wanted, result)
        : this.#compute(flight, wanted, result);
    }
    this.#end(flight, wanted);
    if (this.#mayStore(flight, wanted)) this.#store(wanted, found.entry);
    else this.#releaseTags(flight);
    if (found.result === 'stale' && flight.purpose !== 'read') this.refresh(wanted, 'refresh', undefined);
    const { value, computeMs, expiresAtMs } = found.entry;
    return { value, result: found.result, computeMs, freshMs: expiresAtMs - options.entryClock.nowMs() };
  }

  async #compute(flight: Flight, wanted: Wanted, result: CacheResult): Promise<Landing> {
    const { key, counts, compute } = wanted;
    const { spans, tagClock, options } = this.#parts;
    const { isBackground, trigger } = flight;
    const tagPatterns = key.definition?.tagPatterns ?? [];
    const span = spans.startCompute({ key: key.text, pattern: key.pattern, tagPatterns, trigger, isBackground });
    flight.spanContext = span?.spanContext();
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
    const { options, spans, secondTier } = this.#parts;
    this.#end(flight, wanted);
    const ttl = computeContext.ttl ?? ttlOf(wanted.key, wanted.options, options);
    const isToStore = value !== undefined && ttl > 0 && !computeContext.hasTooManyTags;
    let wasStored = false;
    if (isToStore && this.#mayStore(flight, wanted)) {
      const staleMs = 1000 * staleSecondsOf(wanted.key, wanted.options);
      const parts = this.#partsOf(flight, wanted, { value, computeMs, freshMs: 1000 * ttl, staleMs });
      secondTier?.write(wanted.key, flight, parts);
      const nowMs = options.entryClock.nowMs();
      wasStored = this.#store(
        wanted,
        secondTier?.withinReach(parts, flight.isUnfenced) ?? new CacheEntry(parts, nowMs),
      );
    } else {
      // A value that is no longer to be kept is not served as it was before either.
      if (!isToStore && flight.wasCurrent) this.#parts.table.delete(wanted.key.text);
      this.#releaseTags(flight);
    }
    spans.endCompute(span, { ttl, wasStored });
  }

  #landFailed(
    flight: Flight,
    wanted: Wanted,
    { thrown, computeMs, span }: { thrown: unknown; computeMs: number; span: Span | undefined },
  ): void {
    const { table, options, spans } = this.#parts;
    this.#end(flight, wanted);
    const before = table.peek(wanted.key.text);
    const nowMs = options.entryClock.nowMs();
    if (before !== undefined) before.refreshNotBeforeMs = nowMs + REFRESH_RETRY_MS;
    const hasStale = before !== undefined && !before.isError && nowMs < before.staleUntilMs;
    const errorTtl = wanted.options.errorTtl ?? 0;
    if (errorTtl > 0 && !hasStale && !flight.isAborted && this.#mayStore(flight, wanted)) {
      const parts = { value: thrown, computeMs, freshMs: 1000 * errorTtl, staleMs: 0 };
      this.#store(wanted, new CacheEntry(this.#partsOf(flight, wanted, parts), nowMs, true));
    } else this.#releaseTags(flight);
    spans.endCompute(span, { wasStored: false, error: { thrown } });
  }

  /** The flight is over: the key is free for another. */
  #end(flight: Flight, { key }: Wanted): void {
    const flights = this.#mapOf(flight);
    flight.wasCurrent = flights.get(key.text) === flight;
    if (flight.wasCurrent) flights.delete(key.text);
    flight.isVoid = invalidatedSince(flight.tags, flight.epoch) > 0;
  }

  #landEmpty(flight: Flight, wanted: Wanted, result: CacheResult): Landing {
    this.#end(flight, wanted);
    this.#releaseTags(flight);
    return { value: undefined, result, computeMs: 0, freshMs: 0 };
  }

  #mapOf({ purpose }: Flight): Map<string, Flight> {
    return purpose === 'read' ? this.#reads : this.#flights;
  }

  /** Counts the value that may not be stored. */
  #mayStore(flight: Flight, { counts }: Wanted): boolean {
    if (flight.wasCurrent && !flight.isVoid) return true;
    counts.discardedStores++;
    return false;
  }

  #partsOf(
    { epoch, tags }: Flight,
    { counts }: Wanted,
    parts: Pick<EntryParts, 'value' | 'freshMs' | 'staleMs' | 'computeMs'>,
  ): EntryParts {
    const { random, ttlJitter } = this.#parts.options;
    return { ...parts, freshMs: parts.freshMs * (ttlJitter > 0 ? 1 - ttlJitter * random() : 1), epoch, tags, counts };
  }

  /** Stores; the holds on the tags are the entry's from then on. */
  #store({ key, counts }: Wanted, entry: CacheEntry): boolean {
    const { table, options } = this.#parts;
    const wasStored = table.set(key.text, entry, bytesOf(entry.value, options));
    if (wasStored) counts.sets++;
    return wasStored;
  }

  #releaseTags(flight: Flight): void {
    for (const state of flight.tags) this.#parts.tagClock.release(state);
  }
}
