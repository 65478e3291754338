import type { CacheStore, StoredEntry, StoreFence, StoreMessage, StoreRead, WindowCount } from '../../cache/index.ts';
import type { FakeClock } from '../../testing/fake-clock.ts';

type Operation = 'read' | 'write' | 'delete' | 'invalidateTags' | 'clear';
interface Fence extends StoreFence {
  readonly versions: ReadonlyMap<string, number>;
}
interface Kept {
  readonly entry: StoredEntry;
  readonly atMs: number;
  readonly versions: ReadonlyMap<string, number>;
}

/** A store in memory for several caches, whose every request and every answer can be held on its way. */
export class ControlledStore {
  readonly #clock: FakeClock;
  readonly #kept = new Map<string, Kept>();
  /** Of keys, tags and of everything. */
  readonly #versions = new Map<string, number>();
  readonly #listeners = new Map<object, (message: StoreMessage) => void>();
  /** Waits before the store hears of an operation, and before its caller hears of the outcome. */
  passage: (operation: Operation, part: 'request' | 'answer') => Promise<void> | void = () => undefined;
  readonly log: string[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** The end of one process. `isTelling`: what others invalidate is told at once. */
  connect({ isTelling }: { readonly isTelling: boolean }): CacheStore {
    const me = {};
    const pass = async <Result>(operation: Operation, work: () => Result): Promise<Result> => {
      await this.passage(operation, 'request');
      this.log.push(operation);
      const result = work();
      await this.passage(operation, 'answer');
      return result;
    };
    const tell = (message: StoreMessage): void => {
      for (const [other, listener] of this.#listeners) if (other !== me) listener(message);
    };
    return {
      name: 'controlled',
      read: (key, tags) => pass('read', () => this.#read(key, tags)),
      write: (key, entry, fence) => pass('write', () => this.#write(key, entry, fence as Fence)),
      delete: (key) =>
        pass('delete', () => {
          this.#kept.delete(key);
          this.#bump(`key:${key}`);
          tell({ kind: 'key', key });
        }),
      invalidateTags: (tags) =>
        pass('invalidateTags', () => {
          for (const tag of tags) {
            this.#bump(`tag:${tag}`);
            tell({ kind: 'tag', tag });
          }
        }),
      clear: () =>
        pass('clear', () => {
          this.#bump('everything');
          tell({ kind: 'everything' });
        }),
      increment: (): Promise<WindowCount> => Promise.resolve({ count: 42, resetMs: 1 }),
      subscribe: (listener) => {
        if (!isTelling) return undefined;
        this.#listeners.set(me, listener);
        return () => this.#listeners.delete(me);
      },
      dispose: () => Promise.resolve(),
    };
  }

  /** What is kept under the key and holds. */
  valueOf(key: string): unknown {
    return this.#read(key, []).entry?.value;
  }

  #read(key: string, tags: readonly string[]): StoreRead {
    const kept = this.#kept.get(key);
    const fence: Fence = {
      brand: 'slowpath.store-fence',
      versions: this.#versionsOf(key, [...tags, ...(kept?.entry.tags ?? [])]),
    };
    if (kept === undefined || !this.#holds(kept.versions)) return { entry: undefined, fence };
    return { entry: { ...kept.entry, freshMs: kept.entry.freshMs - (this.#clock.nowMs() - kept.atMs) }, fence };
  }

  /** A tag that the fence does not know is taken as it is now: the caches have to see to those. */
  #write(key: string, entry: StoredEntry, { versions }: Fence): number | undefined {
    if (!this.#holds(versions)) return undefined;
    this.#kept.set(key, {
      entry,
      atMs: this.#clock.nowMs(),
      versions: new Map([...this.#versionsOf(key, entry.tags), ...versions]),
    });
    return 1;
  }

  #holds(versions: ReadonlyMap<string, number>): boolean {
    return [...versions].every(([name, version]) => (this.#versions.get(name) ?? 0) === version);
  }

  #versionsOf(key: string, tags: readonly string[]): Map<string, number> {
    const names = ['everything', `key:${key}`, ...tags.map((tag) => `tag:${tag}`)];
    return new Map(names.map((name) => [name, this.#versions.get(name) ?? 0]));
  }

  #bump(name: string): void {
    this.#versions.set(name, (this.#versions.get(name) ?? 0) + 1);
  }
}
