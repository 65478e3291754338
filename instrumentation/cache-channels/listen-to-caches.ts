import type { Clock } from '../../core/clock.ts';
import type { FaultLog } from '../../core/fault-log.ts';
import { listenToBentocache } from './bentocache.ts';
import { LearntInnerCaches, ONLY_OURS } from './inner-caches.ts';
import { listenToLruCache } from './lru-cache.ts';

export interface ListenToCachesOptions {
  /** Those of `CACHE_CHANNELS` that were asked for. */
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly faults: FaultLog;
}

/**
 * Counts what is looked up in other people's caches as if they were ours: on the request, in metrics, in findings and in the report.
 * Only the diagnostics channels of the libraries are used: none of them is loaded or changed. Returns the way back.
 */
export function listenToCaches({ channels, clock, faults }: ListenToCachesOptions): () => void {
  // bentocache keeps its values in lru-cache: only who listens to both must tell them apart, which costs a context.
  const inner = channels.includes('bentocache') && channels.includes('lru-cache') ? new LearntInnerCaches() : ONLY_OURS;
  const undo: (() => void)[] = [];
  if (channels.includes('bentocache')) undo.push(listenToBentocache({ clock, faults, inner }));
  if (channels.includes('lru-cache')) undo.push(listenToLruCache({ clock, faults, inner }));
  return () => {
    for (const step of undo) step();
  };
}
