import type { CacheUse } from './cache-use.ts';

/** The value of `X-Cache-Hit`: whether all that was looked up was found; `undefined` where nothing was looked up. */
export function cacheHitValue(use: CacheUse | undefined): 'true' | 'false' | undefined {
  const allHit = use?.allHit;
  return allHit === undefined ? undefined : allHit ? 'true' : 'false';
}

/**
 * The member of `Cache-Status` that tells of these look-ups, https://www.rfc-editor.org/rfc/rfc9211: `shop; hit; ttl=42`,
 * `shop; fwd=miss; detail="hits=3 lookups=4"`, `shop; fwd=miss; collapsed; …` when the request waited for the computations of others
 * and made none, `shop; fwd=bypass`. `ttl` is that of the first value to run out, below 0 for a stale one. It never names a
 * key. `undefined` where no cache was used.
 */
export function cacheStatusMember(use: CacheUse | undefined, name: string): string | undefined {
  if (use === undefined) return undefined;
  const { lookups, hits, misses, coalesced, errors, bypassed } = use.toCounts();
  if (lookups === 0) return bypassed > 0 ? `${name}; fwd=bypass` : undefined;
  if (hits === lookups) return `${name}; hit${ttlParameter(use.freshMsMin)}`;
  const isCollapsed = coalesced > 0 && misses === 0 && errors === 0;
  return `${name}; fwd=miss${isCollapsed ? '; collapsed' : ''}; detail="hits=${hits} lookups=${lookups}"`;
}

/** Whole seconds. A value without an end, or one whose end nobody told, has no `ttl`. */
function ttlParameter(freshMs: number): string {
  const seconds = Math.floor(freshMs / 1000);
  return Number.isSafeInteger(seconds) ? `; ttl=${seconds}` : '';
}
