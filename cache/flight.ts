import { createContextKey, ROOT_CONTEXT, trace, type Context, type Span, type SpanContext } from '@opentelemetry/api';
import type { CacheResult } from '../core/cache-result.ts';
import { activeContext } from './active-context.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { StoreFence } from './store.ts';
import { invalidatedSince, type TagClock, type TagState } from './tag-clock.ts';

/** What a flight brought. */
export interface Landing {
  readonly value: unknown;
  /** How the look-up that started it is to be counted. */
  readonly result: CacheResult;
  /** How long the value's computation took, here or elsewhere. */
  readonly computeMs: number;
  /** Milliseconds for which a value of the second tier is still fresh. */
  readonly freshMs: number;
}

/**
 * For a caller who waits (`caller`), and who has a stale value already (`renew`); for one who takes what the second tier has and
 * computes nothing (`read`), or who goes past the cache (`alone`); in the background to replace a stale value (`refresh`), or a fresh
 * one before its time (`early`).
 */
export type FlightPurpose = 'caller' | 'renew' | 'read' | 'alone' | 'refresh' | 'early';

/**
 * The flights that the code which runs now computes for, the innermost first. What a computation leaves running keeps its context,
 * and with it this, for as long as it likes: a flight that is over is taken out.
 */
interface FlightChain {
  flight: Flight | undefined;
  readonly outer: FlightChain | undefined;
}

const CHAIN = createContextKey('slowpath.cache.flights');

/**
 * A value on its way: it is read from the second tier, or computed. It is judged by the time at which it started: what is
 * invalidated from then on makes its value one that its callers get and nobody keeps.
 */
export class Flight {
  /** Logical time: see `TagClock`. */
  readonly epoch: number;
  readonly purpose: FlightPurpose;
  /** On the cache's clock for entries. */
  readonly startedMs: number;
  readonly tags: TagState[] = [];
  /** For no caller: begun by one who was served a value already. */
  readonly isBackground: boolean;
  /** The span that was active where it started. */
  readonly trigger: Span | undefined = trace.getSpan(activeContext());
  readonly landing: Promise<Landing>;
  /** Of the span that the computation runs under: callers who wait for it link to that. */
  spanContext: SpanContext | undefined = undefined;
  /** What the second tier must be shown before it takes the value. */
  fence: StoreFence | undefined = undefined;
  /** The second tier could not be asked when it started, so nothing of it goes there. */
  isUnfenced = false;
  /** An entry has its holds on tags now. */
  hasGivenTags = false;
  hasEnded = false;
  /** When it has ended: something that it depends on was invalidated meanwhile. */
  isVoid = false;
  /** When it has ended: it was still the key's; nobody had set or deleted that. */
  wasCurrent = false;
  readonly #onAbort: () => void;
  readonly #resolve: (landing: Promise<Landing>) => void;
  #waiting = 0;
  #abort: AbortController | undefined;

  /** `onAbort`: called when its last caller has gone. */
  constructor(start: Pick<Flight, 'epoch' | 'purpose' | 'startedMs'> & { readonly onAbort: () => void }) {
    const { epoch, purpose, startedMs, onAbort } = start;
    this.epoch = epoch;
    this.purpose = purpose;
    this.startedMs = startedMs;
    this.#onAbort = onAbort;
    this.isBackground = purpose === 'refresh' || purpose === 'early';
    const { promise, resolve } = Promise.withResolvers<Landing>();
    this.landing = promise;
    this.#resolve = resolve;
  }

  /** Runs `fly` as this flight: in the background outside of the request that made it necessary. */
  takeOff(spans: CacheSpans, fly: () => Promise<Landing>): void {
    const base = this.isBackground ? ROOT_CONTEXT : activeContext();
    const chain: FlightChain = { flight: this, outer: chainIn(base) };
    const end = (): void => {
      chain.flight = undefined;
    };
    this.#resolve(spans.inContext(() => base.setValue(CHAIN, chain), fly));
    // Handled: one whose callers have all gone must not end the process.
    this.landing.then(end, end);
  }

  /** True when nothing that it depends on, as far as it is known, was invalidated since it started. */
  holds(tagClock: TagClock, furtherTags: readonly string[]): boolean {
    if (invalidatedSince(this.tags, this.epoch) > 0) return false;
    return furtherTags.every((tag) => tagClock.invalidatedAt(tag) <= this.epoch);
  }

  /** True where it would wait for itself. Not known in a process without a context manager of OpenTelemetry. */
  get isAround(): boolean {
    for (let chain = chainIn(activeContext()); chain !== undefined; chain = chain.outer)
      if (chain.flight === this) return true;
    return false;
  }

  /** For the computation: aborted when every caller has gone. */
  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal;
  }

  get isAborted(): boolean {
    return this.#abort?.signal.aborted === true;
  }

  /** A caller waits for it. */
  join(): void {
    this.#waiting++;
  }

  /** A caller no longer waits. The last of them takes the computation along; in the background there is none. */
  leave(reason: unknown): void {
    if (--this.#waiting > 0 || this.isBackground || this.hasEnded) return;
    (this.#abort ??= new AbortController()).abort(reason);
    this.#onAbort();
  }
}

function chainIn(from: Context): FlightChain | undefined {
  let chain = from.getValue(CHAIN) as FlightChain | undefined;
  while (chain !== undefined && chain.flight === undefined) chain = chain.outer;
  return chain;
}
