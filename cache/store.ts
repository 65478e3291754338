/** What a value carries between processes, beside itself. */
export interface StoredEntry {
  readonly value: unknown;
  /** All tags: those of its key's pattern, and those that its computation added. */
  readonly tags: readonly string[];
  /** Milliseconds for which it is still fresh; 0 or less once it is not. */
  readonly freshMs: number;
  /** Milliseconds after that in which it may still be served. */
  readonly staleMs: number;
  /** How long its computation took. */
  readonly computeMs: number;
}

/**
 * What a read found out about the key and the tags, for the write that may follow it. Only the store looks into it.
 * It is taken before the computation starts: a key or tag that is invalidated from then on makes the write void.
 */
export interface StoreFence {
  readonly brand: 'slowpath.store-fence';
}

export interface StoreRead {
  /** `undefined` when there is none, or none that still holds. */
  readonly entry: StoredEntry | undefined;
  readonly fence: StoreFence;
}

/** What a store tells of other processes. `everything`: messages may have been lost, or the store was cleared. */
export type StoreMessage =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'everything' };

/** A counter in a window of time. */
export interface WindowCount {
  /** Increments in this window, this one included. */
  readonly count: number;
  /** Milliseconds until it starts over. */
  readonly resetMs: number;
}

/**
 * A second tier, shared by processes. Every method may reject: the cache manager bounds the time of each call, stops asking a
 * store that fails, and serves from the first tier and from computations meanwhile.
 *
 * Three promises, which the contract suite of `slowpath/testing` proves: a value whose tag or key was invalidated before a read
 * began is not read; a write whose fence is older than an invalidation of its key, of one of its tags or of everything is void,
 * whatever process made either; a lost tag record voids values and revives none.
 */
export interface CacheStore {
  /** For telemetry: `redis`. */
  readonly name: string;
  /** One round trip: the value, and the state of its key and of `tags`, which are all that are known before the computation. */
  read(key: string, tags: readonly string[]): Promise<StoreRead>;
  /**
   * Writes unless the fence is void. `entry.tags` may name more tags than the read did. Resolves to the bytes that were
   * written, or to `undefined` when nothing was: fenced off, or larger than the store takes.
   */
  write(key: string, entry: StoredEntry, fence: StoreFence): Promise<number | undefined>;
  /** Removes the value, and voids every fence of the key that was taken before. */
  delete(key: string): Promise<void>;
  invalidateTags(tags: readonly string[]): Promise<void>;
  /** Removes or voids everything of this cache, and every fence. */
  clear(): Promise<void>;
  /** Atomic, across processes; the window starts with its first increment. */
  increment(key: string, windowMs: number): Promise<WindowCount>;
  /**
   * Tells of what other processes delete and invalidate, until the returned function is called. `undefined` when the store has no
   * way to tell: the manager then keeps values in its first tier for a few seconds only.
   */
  subscribe(listener: (message: StoreMessage) => void): (() => void) | undefined;
  /** Gives back what it opened itself; a client that was passed in stays open. */
  dispose(): Promise<void>;
}
