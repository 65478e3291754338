/** Import as `slowpath/cache`. */
export { CacheTimeoutError, CacheUsageError } from './cache-errors.ts';
export type { CacheKey, CacheScope, CounterDefinition, CounterKey, KeyDefinition } from './cache-key.ts';
export { cacheKeys } from './cache-keys.ts';
export { CacheManager, type FirstTierSetOptions } from './cache-manager.ts';
export type { CacheManagerOptions, CacheSpansPolicy } from './cache-options.ts';
export { cacheManager } from './default-cache.ts';
export { defineCounter } from './define-counter.ts';
export { defineKey, type KeyOptions, type KeyPattern } from './define-key.ts';
export { hashKeyPart } from './hash-key-part.ts';
export type { CacheStatistics, LookupStatistics, PatternStatistics } from './cache-statistics.ts';
export type { ComputeContext } from './compute-context.ts';
export type { CacheMark } from './invalidations.ts';
export type { CacheStore, StoredEntry, StoreFence, StoreMessage, StoreRead, WindowCount } from './store.ts';
export type { AnyKey, GetOrComputeOptions, SetOptions } from './value-policy.ts';
