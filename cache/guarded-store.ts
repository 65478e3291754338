import type { CacheStore, StoredEntry, StoreFence, StoreMessage, StoreRead, WindowCount } from './store.ts';

/** Placeholder until the real guard lands. */
export class GuardedStore {
  readonly #store: CacheStore;
  constructor(store: CacheStore) {
    this.#store = store;
  }
  get name(): string {
    return this.#store.name;
  }
  read(key: string, tags: readonly string[], _intent?: string): Promise<StoreRead | undefined> {
    return this.#store.read(key, tags);
  }
  write(key: string, entry: StoredEntry, fence: StoreFence): Promise<number | undefined> {
    return this.#store.write(key, entry, fence);
  }
  async delete(key: string): Promise<boolean> {
    await this.#store.delete(key);
    return true;
  }
  async invalidateTags(tags: readonly string[]): Promise<boolean> {
    await this.#store.invalidateTags(tags);
    return true;
  }
  async clear(): Promise<boolean> {
    await this.#store.clear();
    return true;
  }
  increment(key: string, windowMs: number): Promise<WindowCount | undefined> {
    return this.#store.increment(key, windowMs);
  }
  subscribe(listener: (message: StoreMessage) => void): (() => void) | undefined {
    return this.#store.subscribe(listener);
  }
  dispose(): Promise<void> {
    return this.#store.dispose();
  }
}
