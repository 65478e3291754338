import { CacheManager } from './cache-manager.ts';

/** The cache of this process, for those who need one: first tier, 10 000 entries. */
export const cacheManager = new CacheManager();
