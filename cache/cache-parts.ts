import type { CheckedOptions } from './cache-options.ts';
import { registerCache } from './cache-registry.ts';
import { CacheSpans } from './cache-spans.ts';
import { Computations } from './computations.ts';
import { EntryTable } from './entry-table.ts';
import { FirstTierReach } from './first-tier-reach.ts';
import { GuardedStore } from './guarded-store.ts';
import { InvalidationCounts } from './invalidation-counts.ts';
import { Invalidations } from './invalidations.ts';
import { PatternTable } from './pattern-counts.ts';
import { SecondTierValues } from './second-tier-values.ts';
import { SlowLookups } from './slow-lookups.ts';
import { Sweeper } from './sweeper.ts';
import { TagClock } from './tag-clock.ts';
import { toldCache } from './told-cache.ts';
import { WindowCounters } from './window-counters.ts';

/** What a cache is made of. */
export interface CacheParts {
  readonly options: CheckedOptions;
  readonly tagClock: TagClock;
  readonly table: EntryTable;
  readonly reach: FirstTierReach;
  readonly sweeper: Sweeper;
  readonly patterns: PatternTable;
  readonly spans: CacheSpans;
  readonly computations: Computations;
  readonly invalidations: Invalidations;
  readonly lookups: SlowLookups;
  readonly counters: WindowCounters;
  /** The second tier, where there is one. */
  readonly store: GuardedStore | undefined;
  readonly secondTier: SecondTierValues | undefined;
  /** Takes it out of what metrics, findings and reports see. */
  readonly unregister: () => void;
}

/** Puts a cache together. */
export function createCacheParts(options: CheckedOptions): CacheParts {
  const { name, entryClock, clock, maxEntries, maxBytes } = options;
  const tagClock = new TagClock();
  const spans = new CacheSpans(options);
  const table = new EntryTable({
    tagClock,
    maxEntries,
    maxBytes,
    onFirstEntry: () => sweeper.start(),
    onClear: () => sweeper.forget(),
  });
  const sweeper = new Sweeper(table, entryClock);
  const patterns = new PatternTable(name);
  const store = options.store === undefined ? undefined : new GuardedStore(options.store, { clock });
  const isTold = (): boolean => invalidations.isTold;
  const reach = new FirstTierReach(options, isTold);
  const secondTier = store === undefined ? undefined : new SecondTierValues({ store, tagClock, spans, reach });
  const computations = new Computations({ options, tagClock, table, spans, secondTier, reach });
  const counts = new InvalidationCounts();
  const invalidations = new Invalidations({ tagClock, table, computations, spans, counts, store });
  const lookups = new SlowLookups({ options, tagClock, table, patterns, computations, spans });
  const counters = new WindowCounters(clock, maxEntries);
  const unregister = registerCache(
    toldCache({
      name,
      patterns,
      invalidations: counts,
      table,
      sweeper,
      hasBytes: maxBytes !== undefined,
      operationTimes: store?.operationTimes,
    }),
  );
  return {
    options,
    tagClock,
    table,
    reach,
    sweeper,
    patterns,
    spans,
    computations,
    invalidations,
    lookups,
    counters,
    store,
    secondTier,
    unregister,
  };
}
