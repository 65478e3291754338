/** Libraries whose caches can be listened to. */
export const CACHE_CHANNELS = ['bentocache', 'lru-cache'] as const;

export type CacheChannel = (typeof CACHE_CHANNELS)[number];
