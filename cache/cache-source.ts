import type { CachePatternUse } from '../core/cache-pattern-use.ts';
import type { DurationHistogram } from '../core/duration-histogram.ts';

/** What a cache holds, as its last sweep found it: nothing is counted when it is asked for. */
export interface CacheEntryCounts {
  readonly valid: number;
  readonly expired: number;
  /** Only where the cache is bounded in bytes. */
  readonly bytes?: number;
}

/** Calls of one kind that invalidated something. */
export interface CacheInvalidationUse {
  readonly cacheName: string;
  readonly kind: 'key' | 'tag' | 'clear';
  /** For `tag`, where it is known: `user:{userId}`, never the filled-in tag. */
  readonly tagPattern?: string;
  readonly count: number;
}

/** What a second tier was asked for. */
export interface CacheOperationUse {
  readonly cacheName: string;
  /** `get`, `set`, `delete`, `invalidate_tags`, `clear`. */
  readonly operation: string;
  /** Of those that failed: a class or a code, never a message. */
  readonly errorType?: string;
  /** Seconds. */
  readonly durations: DurationHistogram;
}

/**
 * What a cache tells metrics, findings and reports when they ask: numbers since it was made, which never fall. It is held until
 * it is unregistered, so it should hold counts and not the cached values.
 */
export interface CacheSource {
  readonly cacheName: string;
  patternUses(): readonly CachePatternUse[];
  /** `undefined` where nobody knows. */
  entryCounts(): CacheEntryCounts | undefined;
  invalidationUses?(): readonly CacheInvalidationUse[];
  operationUses?(): readonly CacheOperationUse[];
}
