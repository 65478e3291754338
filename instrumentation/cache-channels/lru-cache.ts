import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import type { CacheResult } from '../../core/cache-result.ts';
import type { Clock } from '../../core/clock.ts';
import type { FaultLog } from '../../core/fault-log.ts';
import type { LiveRequest } from '../../request/live-request.ts';
import { currentRequest } from '../../request/request-on-span.ts';
import { ForeignCache } from './foreign-cache.ts';
import type { InnerCaches } from './inner-caches.ts';

const METRICS = 'lru-cache:metrics';
const TRACING = 'lru-cache';

/** What lru-cache 11.3 and newer publishes of `get`, `memo`, `set` and `delete` when they are done, and of `fetch` when it begins. */
interface Message {
  readonly op?: unknown;
  readonly key?: unknown;
  /** The instance. */
  readonly cache?: unknown;
  /** By the name of the operation, what became of it. */
  readonly get?: unknown;
  readonly memo?: unknown;
  readonly fetch?: unknown;
  readonly set?: unknown;
  readonly delete?: unknown;
  /** A value past its time was handed out. */
  readonly returnedStale?: unknown;
  readonly error?: unknown;
}

interface Fetching {
  readonly request: LiveRequest | undefined;
  readonly startedAtMs: number;
}

export interface LruCacheOptions {
  readonly clock: Clock;
  readonly faults: FaultLog;
  readonly inner: InnerCaches;
}

/**
 * Counts what is looked up in the lru-caches of the process, all of them under one name: they have none of their own. `has` and `peek`
 * are no look-ups. What goes for lack of room is not told. Returns the way back.
 */
export function listenToLruCache({ clock, faults, inner }: LruCacheOptions): () => void {
  const listener = new LruCacheListener(clock);
  const guarded =
    (work: (message: Message) => void) =>
    (message: unknown): void => {
      // An exception in a subscriber ends the process.
      try {
        const told = message as Message;
        if (typeof told.cache === 'object' && told.cache !== null && !inner.has(told.cache)) work(told);
      } catch (thrown) {
        faults.caught('lru-cache channel', thrown);
      }
    };
  const onMetrics = guarded((message) => listener.done(message));
  const tracing = tracingChannel(TRACING);
  const subscribers = {
    start: guarded((message) => listener.fetchStarted(message)),
    asyncEnd: guarded((message) => listener.fetchEnded(message)),
    end: () => undefined,
    asyncStart: () => undefined,
    error: () => undefined,
  };
  subscribe(METRICS, onMetrics);
  tracing.subscribe(subscribers);
  return () => {
    unsubscribe(METRICS, onMetrics);
    tracing.unsubscribe(subscribers);
    listener.dispose();
  };
}

class LruCacheListener {
  readonly #clock: Clock;
  readonly #fetching = new WeakMap<Message, Fetching>();
  #cache: ForeignCache | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  done(message: Message): void {
    const { op, key } = message;
    const counts = this.#counted.countsOf(key);
    if (op === 'get') this.#counted.addLookup(counts, resultOf(message.get, message), currentRequest());
    else if (op === 'memo') this.#counted.addLookup(counts, resultOf(message.memo, message), currentRequest());
    else if (op === 'set' && (message.set === 'add' || message.set === 'replace' || message.set === 'update'))
      counts.sets++;
    else if (op === 'delete' && message.delete === 'expire') counts.expirations++;
    else if (op === 'delete' && message.delete === 'delete') {
      counts.invalidations++;
      this.#counted.addInvalidation('key');
    }
  }

  /** What it found is told at once; what it computes, when that is done. */
  fetchStarted(message: Message): void {
    const result = message.fetch === 'get' ? resultOf(message.get, message) : fetchResultOf(message);
    const request = currentRequest();
    this.#counted.addLookup(this.#counted.countsOf(message.key), result, request);
    if (!['miss', 'stale', 'refresh'].includes(String(message.fetch))) return;
    // A value past its time was handed out: the fresh one is computed in the background.
    const isAwaited = message.returnedStale !== true;
    this.#fetching.set(message, { request: isAwaited ? request : undefined, startedAtMs: this.#clock.nowMs() });
  }

  fetchEnded(message: Message): void {
    const fetching = this.#fetching.get(message);
    // With a stale value the promise ends at once, and nobody tells when the fresh one is there.
    if (fetching === undefined || message.returnedStale === true) return;
    const durationMs = this.#clock.nowMs() - fetching.startedAtMs;
    const counts = this.#counted.countsOf(message.key);
    this.#counted.addCompute(counts, durationMs, message.error !== undefined, fetching.request);
  }

  dispose(): void {
    this.#cache?.dispose();
  }

  get #counted(): ForeignCache {
    return (this.#cache ??= new ForeignCache('lru-cache'));
  }
}

/** `stale` and `fetching` hand out the value past its time, or none. */
function resultOf(told: unknown, { returnedStale }: Message): CacheResult {
  if (told === 'hit') return 'hit';
  return returnedStale === true ? 'stale' : 'miss';
}

function fetchResultOf({ fetch, returnedStale }: Message): CacheResult {
  if (returnedStale === true) return 'stale';
  return fetch === 'hit' ? 'hit' : fetch === 'inflight' ? 'coalesced' : 'miss';
}
