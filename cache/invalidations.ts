import { UNREGISTERED } from './pattern-counts.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { Computations } from './computations.ts';
import type { EntryTable } from './entry-table.ts';
import type { GuardedStore } from './guarded-store.ts';
import type { InvalidationCounts } from './invalidation-counts.ts';
import type { StoreMessage } from './store.ts';
import { TagClock } from './tag-clock.ts';
import { checkTag, type KeyParts } from './value-policy.ts';

declare const MARK: unique symbol;

/** A moment in the life of a cache: see `CacheManager.mark`. */
export interface CacheMark {
  readonly epoch: number;
  /** On a clock of its own: see `Invalidations`. */
  readonly keyEpoch: number;
  readonly [MARK]?: never;
}

export interface InvalidationsParts {
  readonly tagClock: TagClock;
  readonly table: EntryTable;
  readonly computations: Computations;
  readonly spans: CacheSpans;
  readonly counts: InvalidationCounts;
  readonly store: GuardedStore | undefined;
}

/**
 * Ends values, here and there. The first tier hears of it before the second is told, so that this process serves nothing old from
 * then on; and once more when the second knows, for what was read from it in between was old.
 */
export class Invalidations {
  readonly #parts: InvalidationsParts;
  readonly #unsubscribe: (() => void) | undefined;
  /**
   * When which key was set or deleted. Apart from the tags: a cache that is written to all the time would make that clock forget them.
   * Keys are followed only once somebody may ask about them.
   */
  readonly #keyClock = new TagClock();
  #hasMarks = false;

  constructor(parts: InvalidationsParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.store?.subscribe((message) => this.#hear(message));
  }

  /** The second tier tells this process of what others invalidate. */
  get isTold(): boolean {
    return this.#unsubscribe !== undefined;
  }

  mark(): CacheMark {
    this.#hasMarks = true;
    return { epoch: this.#parts.tagClock.now, keyEpoch: this.#keyClock.now };
  }

  /** Whether neither the key, nor a tag, nor everything was set or invalidated since. */
  holdsSince({ epoch, keyEpoch }: CacheMark, text: string, tags: readonly string[]): boolean {
    const { tagClock } = this.#parts;
    return this.#keyClock.invalidatedAt(text) <= keyEpoch && tags.every((tag) => tagClock.invalidatedAt(tag) <= epoch);
  }

  /** The key gets, or loses, a value: what is being computed for it is no longer wanted. */
  touchHere(text: string): void {
    this.#parts.computations.ground(text);
    if (this.#hasMarks) this.#keyClock.invalidate(text);
  }

  deleteHere({ text }: KeyParts): boolean {
    const { table } = this.#parts;
    this.touchHere(text);
    this.#parts.counts.addKey();
    const entry = table.peek(text);
    if (entry === undefined) return false;
    entry.counts.invalidations++;
    return table.delete(text);
  }

  async deleteThere({ text, pattern }: KeyParts): Promise<boolean> {
    const { store, spans, table, computations } = this.#parts;
    if (store === undefined) return true;
    const before = table.peek(text);
    const isDone = await spans.around('delete', { key: text, pattern }, () => store.delete(text), describe);
    // What a look-up has read from there in between is old; what the caller has set here before is not.
    if (table.peek(text) !== before || before === undefined) table.delete(text);
    computations.ground(text);
    return isDone;
  }

  async invalidateTags(given: readonly string[]): Promise<boolean> {
    // A copy: these are still needed when the second tier has answered.
    const tags = [...given];
    tags.forEach(checkTag);
    const { store, spans } = this.#parts;
    const patterns = tags.map((tag) => this.#invalidateHere(tag));
    const tagPatterns = patterns.length === 1 ? patterns : [...new Set(patterns)];
    for (const pattern of tagPatterns) this.#parts.counts.addTag(pattern);
    const tell = (): Promise<boolean> => store?.invalidateTags(tags) ?? Promise.resolve(true);
    const isDone = await spans.around('invalidate_tags', { tagPatterns }, tell, describe);
    if (store !== undefined) for (const tag of tags) this.#invalidateHere(tag);
    return isDone;
  }

  async clear(): Promise<boolean> {
    const { store, spans } = this.#parts;
    this.#clearHere();
    this.#parts.counts.addClear();
    const isDone = await spans.around('clear', {}, () => store?.clear() ?? Promise.resolve(true), describe);
    if (store !== undefined) this.#clearHere();
    return isDone;
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** Returns the tag's pattern, which may be told. */
  #invalidateHere(tag: string): string {
    return this.#parts.tagClock.invalidate(tag) ?? UNREGISTERED;
  }

  #clearHere(): void {
    const { table, computations } = this.#parts;
    computations.groundAll();
    this.#keyClock.forgetAll();
    table.clear();
  }

  /** What another process has done. */
  #hear(message: StoreMessage): void {
    const { table } = this.#parts;
    if (message.kind === 'everything') this.#clearHere();
    else if (message.kind === 'tag') this.#invalidateHere(message.tag);
    else {
      this.touchHere(message.key);
      const entry = table.peek(message.key);
      if (entry !== undefined) entry.counts.invalidations++;
      table.delete(message.key);
    }
  }
}

function describe(isDone: boolean): { readonly failed: boolean } {
  return { failed: !isDone };
}
