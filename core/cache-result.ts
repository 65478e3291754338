/**
 * How a look-up in a cache ended. `hit`: a fresh value. `stale`: a value past its time, served while it may be.
 * `miss`: this look-up has the value computed. `coalesced`: it waits for the computation of another look-up.
 * `bypass`: the cache was not asked. `error`: the second tier could not be asked, or the answer is a remembered error.
 */
export type CacheResult = 'hit' | 'stale' | 'miss' | 'coalesced' | 'bypass' | 'error';

export const CACHE_RESULTS: readonly CacheResult[] = ['hit', 'stale', 'miss', 'coalesced', 'bypass', 'error'];
