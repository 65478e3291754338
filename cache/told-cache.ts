import type { CacheSource } from './cache-source.ts';
import type { EntryTable } from './entry-table.ts';
import type { InvalidationCounts } from './invalidation-counts.ts';
import type { OperationTimes } from './operation-times.ts';
import type { PatternTable } from './pattern-counts.ts';
import type { Sweeper } from './sweeper.ts';

export interface ToldParts {
  readonly name: string;
  readonly patterns: PatternTable;
  readonly invalidations: InvalidationCounts;
  readonly table: EntryTable;
  readonly sweeper: Sweeper;
  readonly hasBytes: boolean;
  /** Of the second tier, where there is one. */
  readonly operationTimes: OperationTimes | undefined;
}

/**
 * A cache as metrics, findings and reports see it. It holds the counts and not the values: a cache that nobody disposed of and that
 * nothing refers to any more gives its memory back, and what it counted stays true.
 */
export function toldCache({
  name,
  patterns,
  invalidations,
  table,
  sweeper,
  hasBytes,
  operationTimes,
}: ToldParts): CacheSource {
  const tableIfThere = new WeakRef(table);
  const sweeperIfThere = new WeakRef(sweeper);
  return {
    cacheName: name,
    patternUses: () => patterns.all(),
    entryCounts() {
      const size = tableIfThere.deref()?.size ?? 0;
      // As the last sweep saw it; what came since is taken for valid. Nothing is walked over for a collection of metrics.
      const expired = Math.min(size, sweeperIfThere.deref()?.last?.expiredCount ?? 0);
      return { valid: size - expired, expired, ...(hasBytes && { bytes: tableIfThere.deref()?.bytes ?? 0 }) };
    },
    invalidationUses: () => invalidations.toUses(name),
    operationUses: () => operationTimes?.toUses(name) ?? [],
  };
}
