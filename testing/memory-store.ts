import { systemClock, type Clock } from '../core/clock.ts';
import type { CacheStore, StoredEntry, StoreFence, StoreMessage, StoreRead, WindowCount } from '../cache/store.ts';

interface MemoryValue {
  readonly entry: StoredEntry;
  readonly storedAtMs: number;
  /** When the fence of its write was taken. */
  readonly step: number;
}

/** What several `MemoryStore`s share, as processes share a server. */
export class MemoryStoreServer {
  readonly values = new Map<string, MemoryValue>();
  readonly counters = new Map<string, { count: number; readonly endsAtMs: number }>();
  /** In which step a key or tag was last invalidated. */
  readonly keySteps = new Map<string, number>();
  readonly tagSteps = new Map<string, number>();
  readonly listeners = new Map<(message: StoreMessage) => void, MemoryStore>();
  readonly clock: Clock;
  clearStep = 0;
  #step = 0;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  /** Counts calls: of two steps, the greater is the later one. */
  nextStep(): number {
    return ++this.#step;
  }

  /** True if neither the key, nor one of the tags, nor everything was invalidated since the step. */
  isCurrent(step: number, key: string, tags: readonly string[]): boolean {
    const since = [this.clearStep, this.keySteps.get(key) ?? 0, ...tags.map((tag) => this.tagSteps.get(tag) ?? 0)];
    return since.every((other) => other < step);
  }
}

class MemoryFence implements StoreFence {
  readonly brand = 'slowpath.store-fence';
  readonly key: string;
  readonly step: number;

  constructor(key: string, step: number) {
    this.key = key;
    this.step = step;
  }
}

/**
 * The promises of `CacheStore` in the fewest words, for tests: a second tier that needs no server, and a model to compare another
 * store with. It orders calls by a counter, which a store of several processes has not, and so refuses no write without need.
 * It keeps all that it is told: not for production.
 */
export class MemoryStore implements CacheStore {
  readonly name = 'memory';
  readonly #server: MemoryStoreServer;

  constructor(server: MemoryStoreServer = new MemoryStoreServer()) {
    this.#server = server;
  }

  async read(key: string, tags: readonly string[]): Promise<StoreRead> {
    return { entry: this.#find(key, tags), fence: new MemoryFence(key, this.#server.nextStep()) };
  }

  async write(key: string, entry: StoredEntry, fence: StoreFence): Promise<number | undefined> {
    if (!(fence instanceof MemoryFence) || fence.key !== key || !(entry.freshMs + entry.staleMs > 0)) return undefined;
    if (!this.#server.isCurrent(fence.step, key, entry.tags)) return undefined;
    const text: string | undefined = JSON.stringify(entry.value);
    // Copied into another object, a property of this name would change that object's prototype.
    if (text === undefined || text.includes('"__proto__":')) return undefined;
    const copy = { ...entry, value: JSON.parse(text), tags: [...entry.tags] };
    this.#server.values.set(key, { entry: copy, storedAtMs: this.#server.clock.nowMs(), step: fence.step });
    return text.length;
  }

  async delete(key: string): Promise<void> {
    this.#server.keySteps.set(key, this.#server.nextStep());
    this.#tell({ kind: 'key', key });
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    for (const tag of tags) {
      this.#server.tagSteps.set(tag, this.#server.nextStep());
      this.#tell({ kind: 'tag', tag });
    }
  }

  async clear(): Promise<void> {
    this.#server.clearStep = this.#server.nextStep();
    this.#tell({ kind: 'everything' });
  }

  async increment(key: string, windowMs: number): Promise<WindowCount> {
    const nowMs = this.#server.clock.nowMs();
    let counter = this.#server.counters.get(key);
    if (counter === undefined || counter.endsAtMs <= nowMs) counter = { count: 0, endsAtMs: nowMs + windowMs };
    counter.count++;
    this.#server.counters.set(key, counter);
    return { count: counter.count, resetMs: counter.endsAtMs - nowMs };
  }

  subscribe(listener: (message: StoreMessage) => void): () => void {
    const own = (message: StoreMessage): void => listener(message);
    this.#server.listeners.set(own, this);
    return () => this.#server.listeners.delete(own);
  }

  async dispose(): Promise<void> {
    for (const [listener, store] of this.#server.listeners) {
      if (store === this) this.#server.listeners.delete(listener);
    }
  }

  #find(key: string, tags: readonly string[]): StoredEntry | undefined {
    const found = this.#server.values.get(key);
    if (found === undefined) return undefined;
    const { entry, storedAtMs, step } = found;
    const freshMs = entry.freshMs - (this.#server.clock.nowMs() - storedAtMs);
    if (freshMs + entry.staleMs <= 0 || !this.#server.isCurrent(step, key, entry.tags)) return undefined;
    if (!tags.every((tag) => entry.tags.includes(tag))) return undefined;
    return { ...entry, value: structuredClone(entry.value), freshMs };
  }

  #tell(message: StoreMessage): void {
    for (const [listener, store] of this.#server.listeners) if (store !== this) listener(message);
  }
}
