import type { Span } from '@opentelemetry/sdk-trace';
import {
  ATTR_CACHE_COALESCED_COUNT,
  ATTR_CACHE_COMPUTE_TIME,
  ATTR_CACHE_ERROR_COUNT,
  ATTR_CACHE_HIT,
  ATTR_CACHE_HIT_COUNT,
  ATTR_CACHE_HIT_RATIO,
  ATTR_CACHE_LOOKUP_COUNT,
  ATTR_CACHE_MISS_COUNT,
  ATTR_CACHE_SAVED_TIME,
  ATTR_CACHE_STALE_COUNT,
} from '../core/semconv.ts';
import type { CacheCounts } from '../core/types.ts';

/** Puts what a request did with caches on its root span: all of it, or nothing where nothing was looked up. */
export function setCacheAttributes(span: Span, cache: CacheCounts | undefined): void {
  if (cache === undefined || cache.lookups === 0) return;
  const { lookups, hits, staleHits, misses, coalesced, errors, computeMs, savedMs } = cache;
  span.setAttribute(ATTR_CACHE_LOOKUP_COUNT, lookups);
  span.setAttribute(ATTR_CACHE_HIT_COUNT, hits);
  span.setAttribute(ATTR_CACHE_MISS_COUNT, misses);
  span.setAttribute(ATTR_CACHE_COALESCED_COUNT, coalesced);
  span.setAttribute(ATTR_CACHE_STALE_COUNT, staleHits);
  span.setAttribute(ATTR_CACHE_ERROR_COUNT, errors);
  span.setAttribute(ATTR_CACHE_HIT_RATIO, hits / lookups);
  span.setAttribute(ATTR_CACHE_HIT, hits === lookups);
  span.setAttribute(ATTR_CACHE_COMPUTE_TIME, computeMs / 1000);
  span.setAttribute(ATTR_CACHE_SAVED_TIME, savedMs / 1000);
}
