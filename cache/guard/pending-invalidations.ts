/** What a store must still be told. */
export interface Invalidations {
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  readonly everything: boolean;
}

/** So many are told at a time: if that fails, what was told before is done with. */
const BATCH_MAX = 100;

/**
 * Invalidations that did not reach the store. More than `limit` of them become one of everything, which includes them:
 * too much is computed again, but nothing comes back.
 */
export class PendingInvalidations {
  readonly #limit: number;
  readonly #keys = new Set<string>();
  readonly #tags = new Set<string>();
  #everything = false;
  /** How many were replaced by one of everything. */
  collapsedCount = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#keys.size + this.#tags.size + (this.#everything ? 1 : 0);
  }

  add({ keys, tags, everything }: Invalidations): void {
    for (const key of keys) this.#keys.add(key);
    for (const tag of tags) this.#tags.add(tag);
    const isFull = this.#keys.size + this.#tags.size > this.#limit;
    if (isFull) this.collapsedCount += this.#keys.size + this.#tags.size;
    if (everything || isFull) this.#everything = true;
    if (!this.#everything) return;
    this.#keys.clear();
    this.#tags.clear();
  }

  /** Takes the next ones out; `add` puts back what could not be told. */
  take(): Invalidations {
    if (this.#everything) {
      this.#everything = false;
      return { keys: [], tags: [], everything: true };
    }
    const tags = takeFrom(this.#tags, BATCH_MAX);
    return { keys: takeFrom(this.#keys, BATCH_MAX - tags.length), tags, everything: false };
  }
}

function takeFrom(names: Set<string>, count: number): string[] {
  const taken = [...names].slice(0, count);
  for (const name of taken) names.delete(name);
  return taken;
}
