import type { CacheStore, StoreMessage } from '../../cache/store.ts';
import { MemoryStore } from '../../testing/memory-store.ts';

type Mode = 'works' | 'rejects' | 'hangs' | 'throws';

/** A store that fails as it is told, and keeps note of what it was asked. A real server cannot be made to fail at one call. */
export class FaultyStore implements CacheStore {
  readonly name = 'faulty';
  mode: Mode = 'works';
  readonly asked: string[] = [];
  /** How to end the calls that hang, in their order. */
  readonly hanging: { resolve(): void; reject(): void }[] = [];
  readonly #inner: MemoryStore;

  constructor(inner: MemoryStore = new MemoryStore()) {
    this.#inner = inner;
  }

  read: CacheStore['read'] = (key, tags) => this.#do(`read ${key}`, () => this.#inner.read(key, tags));
  write: CacheStore['write'] = (key, entry, fence) =>
    this.#do(`write ${key}`, () => this.#inner.write(key, entry, fence));
  delete: CacheStore['delete'] = (key) => this.#do(`delete ${key}`, () => this.#inner.delete(key));
  invalidateTags: CacheStore['invalidateTags'] = (tags) =>
    this.#do(`invalidate ${tags.join(' ')}`, () => this.#inner.invalidateTags(tags));
  clear: CacheStore['clear'] = () => this.#do('clear', () => this.#inner.clear());
  increment: CacheStore['increment'] = (key, windowMs) =>
    this.#do(`increment ${key}`, () => this.#inner.increment(key, windowMs));
  dispose: CacheStore['dispose'] = () => this.#do('dispose', () => this.#inner.dispose());

  subscribe(listener: (message: StoreMessage) => void): (() => void) | undefined {
    if (this.mode === 'throws') throw new Error('of the store');
    return this.#inner.subscribe(listener);
  }

  /** Like a command in a socket: it is carried out when the server goes on, even if nobody waits any more. */
  #do<T>(call: string, run: () => Promise<T>): Promise<T> {
    this.asked.push(call);
    if (this.mode === 'throws') throw new Error('of the store');
    if (this.mode === 'rejects') return Promise.reject(new Error('of the store'));
    if (this.mode === 'works') return run();
    return new Promise((resolve, reject) => {
      this.hanging.push({ resolve: () => resolve(run()), reject: () => reject(new Error('late')) });
    });
  }
}
