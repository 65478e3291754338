import { tracingChannel } from 'node:diagnostics_channel';
import type { PatternCounts } from '../../cache/pattern-counts.ts';
import type { Clock } from '../../core/clock.ts';
import type { FaultLog } from '../../core/fault-log.ts';
import type { LiveRequest } from '../../request/live-request.ts';
import { currentRequest } from '../../request/request-on-span.ts';
import { ForeignCache } from './foreign-cache.ts';
import type { InnerCaches } from './inner-caches.ts';

/** Stores that are told apart; further ones share a name. */
export const MAX_STORES = 20;
/** Look-ups that may be open at once; of further ones it is not known whether they waited for another's computation. */
export const MAX_OPEN = 10_000;

const CHANNEL = 'bentocache.cache.operation';
/** The prefix of all keys, unless the application sets another. */
const PREFIX = 'bentocache:';
/** In the keys of its own records on tags. */
const TAG_RECORD = ':___bc:t:';

/** What bentocache 1.6 publishes; `hit` and what follows is there when the operation ends. */
interface Message {
  readonly operation?: unknown;
  readonly key?: unknown;
  readonly keys?: unknown;
  readonly store?: unknown;
  readonly hit?: unknown;
  readonly tier?: unknown;
  readonly graced?: unknown;
  readonly error?: unknown;
}

/** An operation that runs. */
interface Open {
  readonly request: LiveRequest | undefined;
  readonly startedAtMs: number;
  /** Of its key, when it began. */
  readonly computedCount: number;
  /** Beyond the bound there is none. */
  readonly ofKey: OpenKey | undefined;
}

/** The look-ups of one key that run. */
interface OpenKey {
  readonly lookups: Set<Open>;
  /** Computations that ended while at least one look-up ran. */
  computedCount: number;
}

export interface BentocacheOptions {
  readonly clock: Clock;
  readonly faults: FaultLog;
  /** Takes the caches that bentocache keeps its values in. */
  readonly inner: InnerCaches;
}

/**
 * Counts what is looked up in bentocache. Each operation is told by messages of its own, and belongs to the request in whose context
 * it began: never to the one that happened to compute the value. Returns the way back.
 */
export function listenToBentocache(options: BentocacheOptions): () => void {
  const listener = new BentocacheListener(options);
  const channel = tracingChannel(CHANNEL);
  const subscribers = {
    start: guarded((message) => listener.started(message), options.faults),
    asyncEnd: guarded((message) => listener.ended(message), options.faults),
    end: () => undefined,
    asyncStart: () => undefined,
    error: () => undefined,
  };
  channel.subscribe(subscribers);
  // What happens within an operation happens in its own caches, but for the application's computation.
  const unbind = options.inner.within(channel.start, (message) => (message as Message).operation !== 'factory');
  return () => {
    channel.unsubscribe(subscribers);
    unbind();
    listener.dispose();
  };
}

/** An exception in a subscriber ends the process. */
function guarded(work: (message: Message) => void, faults: FaultLog): (message: unknown) => void {
  return (message) => {
    try {
      work(message as Message);
    } catch (thrown) {
      faults.caught('bentocache channel', thrown);
    }
  };
}

class BentocacheListener {
  readonly #clock: Clock;
  readonly #stores = new Map<string, ForeignCache>();
  readonly #open = new WeakMap<Message, Open>();
  /** By key, which does not leave: while a look-up of it runs. */
  readonly #openKeys = new Map<string, OpenKey>();

  constructor({ clock }: BentocacheOptions) {
    this.#clock = clock;
  }

  started(message: Message): void {
    const { operation, key } = message;
    if (!isLookup(operation) && operation !== 'factory') return;
    const ofKey = isLookup(operation) ? this.#openKey(key) : this.#openKeys.get(String(key));
    const open: Open = {
      request: currentRequest(),
      startedAtMs: this.#clock.nowMs(),
      computedCount: ofKey?.computedCount ?? 0,
      ofKey,
    };
    if (isLookup(operation)) ofKey?.lookups.add(open);
    this.#open.set(message, open);
  }

  ended(message: Message): void {
    const { operation, key } = message;
    const cache = this.#cacheOf(message);
    if (typeof key === 'string' && key.includes(TAG_RECORD)) {
      // It writes such a record when a tag is invalidated, and when a look-up finds none.
      if (operation === 'set' && !this.#openKeys.has(key)) cache.addInvalidation('tag');
      this.#close(message);
      return;
    }
    const counts = cache.countsOf(bareKey(key));
    if (isLookup(operation)) this.#lookupEnded(message, cache, counts);
    else if (operation === 'factory') this.#factoryEnded(message, cache, counts);
    else if (operation === 'set' && message.error === undefined) counts.sets++;
    else if (operation === 'delete' || operation === 'expire') {
      counts.invalidations++;
      // It lets a value expire by itself when it finds that a tag of it was invalidated.
      if (operation === 'delete') cache.addInvalidation('key');
    } else if (operation === 'deleteMany') this.#manyDeleted(message, cache);
    else if (operation === 'clear') cache.addInvalidation('clear');
  }

  dispose(): void {
    for (const cache of new Set(this.#stores.values())) cache.dispose();
  }

  #lookupEnded(message: Message, cache: ForeignCache, counts: PatternCounts): void {
    const open = this.#close(message);
    const { hit, graced, tier } = message;
    if (hit !== true) cache.addLookup(counts, 'miss', open?.request);
    else if (graced === true) cache.addLookup(counts, 'stale', open?.request);
    // It found the value that another look-up has computed while this one waited: bentocache calls that a hit.
    else if (open !== undefined && (open.ofKey?.computedCount ?? 0) > open.computedCount)
      cache.addLookup(counts, 'coalesced', open.request);
    else {
      if (tier === 'l2') counts.secondTierHits++;
      cache.addLookup(counts, 'hit', open?.request);
    }
  }

  #factoryEnded(message: Message, cache: ForeignCache, counts: PatternCounts): void {
    const open = this.#open.get(message);
    if (open === undefined) return;
    const { request, startedAtMs, ofKey } = open;
    if (ofKey !== undefined) ofKey.computedCount++;
    // In the background nobody waits for it: the look-up that began it has ended.
    const isAwaited = ofKey !== undefined && [...ofKey.lookups].some((lookup) => lookup.request === request);
    const durationMs = this.#clock.nowMs() - startedAtMs;
    cache.addCompute(counts, durationMs, message.error !== undefined, isAwaited ? request : undefined);
  }

  #manyDeleted({ keys }: Message, cache: ForeignCache): void {
    for (const key of Array.isArray(keys) ? (keys as unknown[]) : []) {
      cache.countsOf(bareKey(key)).invalidations++;
      cache.addInvalidation('key');
    }
  }

  #openKey(key: unknown): OpenKey | undefined {
    const name = String(key);
    const known = this.#openKeys.get(name);
    if (known !== undefined || this.#openKeys.size >= MAX_OPEN) return known;
    const made: OpenKey = { lookups: new Set(), computedCount: 0 };
    this.#openKeys.set(name, made);
    return made;
  }

  #close(message: Message): Open | undefined {
    const open = this.#open.get(message);
    if (open?.ofKey === undefined) return open;
    open.ofKey.lookups.delete(open);
    const key = String(message.key);
    if (open.ofKey.lookups.size === 0 && this.#openKeys.get(key) === open.ofKey) this.#openKeys.delete(key);
    return open;
  }

  #cacheOf({ store }: Message): ForeignCache {
    const name = typeof store === 'string' ? `bentocache:${store}` : 'bentocache';
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const isFull = this.#stores.size >= MAX_STORES;
    const made =
      (isFull ? this.#stores.get('bentocache') : undefined) ?? new ForeignCache(isFull ? 'bentocache' : name);
    this.#stores.set(isFull ? 'bentocache' : name, made);
    return made;
  }
}

function isLookup(operation: unknown): boolean {
  return operation === 'getOrSet' || operation === 'get';
}

function bareKey(key: unknown): unknown {
  return typeof key === 'string' && key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
}
