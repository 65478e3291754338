import type { CacheInvalidationUse } from './cache-source.ts';

/** Tag patterns that are counted by name. */
export const MAX_TAG_PATTERNS = 200;
const OTHER_TAGS = '(other)';

/** How often a cache was told to end something, by what it was. */
export class InvalidationCounts {
  readonly #tags = new Map<string, number>();
  #keyCount = 0;
  #clearCount = 0;

  addKey(): void {
    this.#keyCount++;
  }

  addClear(): void {
    this.#clearCount++;
  }

  addTag(pattern: string): void {
    const name = this.#tags.has(pattern) || this.#tags.size < MAX_TAG_PATTERNS ? pattern : OTHER_TAGS;
    this.#tags.set(name, (this.#tags.get(name) ?? 0) + 1);
  }

  toUses(cacheName: string): readonly CacheInvalidationUse[] {
    return [
      ...(this.#keyCount > 0 ? [{ cacheName, kind: 'key' as const, count: this.#keyCount }] : []),
      ...(this.#clearCount > 0 ? [{ cacheName, kind: 'clear' as const, count: this.#clearCount }] : []),
      ...Array.from(this.#tags, ([tagPattern, count]) => ({ cacheName, kind: 'tag' as const, tagPattern, count })),
    ];
  }
}
