import type { CacheStore, StoredEntry, StoreFence } from '../../cache/store.ts';

/** Two stores that share their data, as those of two processes do. Their data is empty, and of no one else. */
export interface StorePair {
  readonly stores: readonly [CacheStore, CacheStore];
  /** Resolves once `ms` have passed for the store: by a clock that is turned, or by waiting. */
  passTime(ms: number): Promise<void>;
  /** What can go wrong with the store's data; without it, the cases on this are left out. */
  readonly faults?: StoreFaults;
  close(): Promise<void>;
}

export interface StoreFaults {
  /** The record of a tag is lost, as by eviction. */
  loseTag(tag: string): Promise<void>;
  /** All data is lost, as by a restart. */
  loseEverything(): Promise<void>;
}

export interface ContractCase {
  readonly title: string;
  /** What the store must have for this case to apply. */
  readonly needs?: 'bus' | 'faults' | 'maxItemBytes';
  run(pair: StorePair, maxItemBytes: number): Promise<void>;
}

/** An entry that is fresh for a minute. */
export function entryOf(value: unknown, tags: readonly string[] = [], times: Partial<StoredEntry> = {}): StoredEntry {
  return { value, tags, freshMs: 60_000, staleMs: 0, computeMs: 1, ...times };
}

/** Takes a fence, as one does before a computation. */
export async function fenceOf(store: CacheStore, key: string, tags: readonly string[] = []): Promise<StoreFence> {
  return (await store.read(key, tags)).fence;
}

/** Reads and writes as a computation without disturbances does. Resolves to whether it was stored. */
export async function put(store: CacheStore, key: string, entry: StoredEntry): Promise<boolean> {
  return (await store.write(key, entry, await fenceOf(store, key, entry.tags))) !== undefined;
}

/** The value that is read, or `undefined`. */
export async function valueAt(store: CacheStore, key: string, tags: readonly string[] = []): Promise<unknown> {
  return (await store.read(key, tags)).entry?.value;
}

/** Waits for a condition, 5 s at the most unless more is given. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, limitMs = 5000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`Waited ${limitMs} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
