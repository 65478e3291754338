import { AsyncLocalStorage } from 'node:async_hooks';
import type { Channel } from 'node:diagnostics_channel';
import { isOwnTable } from '../../cache/own-table.ts';

/** Caches that a cache we know of keeps its values in: what is looked up in them has been counted there. */
export interface InnerCaches {
  /** While what runs was started by such a message, other caches that are used are inner ones. Returns the way back. */
  within(start: Channel, isInside: (message: unknown) => boolean): () => void;
  /** Whether a look-up in this cache, made here, has been counted elsewhere. */
  has(cache: object): boolean;
}

/** Knows none but ours: nobody listens to libraries that have caches inside. */
export const ONLY_OURS: InnerCaches = {
  within: () => () => undefined,
  has: isOwnTable,
};

/** Learns which they are from where they are used. */
export class LearntInnerCaches implements InnerCaches {
  readonly #inside = new AsyncLocalStorage<boolean>();
  readonly #known = new WeakSet();

  within(start: Channel, isInside: (message: unknown) => boolean): () => void {
    start.bindStore(this.#inside, isInside);
    return () => void start.unbindStore(this.#inside);
  }

  has(cache: object): boolean {
    if (isOwnTable(cache) || this.#known.has(cache)) return true;
    if (this.#inside.getStore() !== true) return false;
    this.#known.add(cache);
    return true;
  }
}
