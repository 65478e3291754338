import type { LongQuery, QueryGroup } from '../core/types.ts';

/** A read with its time and its shape. */
export interface TimedRead {
  readonly query: LongQuery;
  readonly group: QueryGroup;
}

/** Reads that ran one after the other, and what it would save to start the independent ones with the first. */
export interface SequentialRun {
  readonly reads: readonly TimedRead[];
  readonly independentCount: number;
  /** The longest of the independent ones. */
  readonly costliest: TimedRead;
  /** Milliseconds, of all reads. */
  readonly totalMs: number;
  readonly savedMs: number;
}

/**
 * The part of a run that saves most: it may be better to start with a later read, whose values others share. `undefined`
 * when no read is independent of those before it.
 */
export function bestRun(reads: readonly TimedRead[]): SequentialRun | undefined {
  let best: SequentialRun | undefined;
  for (let from = 0; from < reads.length - 1; from++) {
    const run = toRun(reads.slice(from));
    if (run !== undefined && run.savedMs > (best?.savedMs ?? 0)) best = run;
  }
  return best;
}

/**
 * Σ − max(longest independent, Σ dependent), the first counted as dependent: what the developers of Sentry compute for
 * their finding of the same name.
 */
function toRun(reads: readonly TimedRead[]): SequentialRun | undefined {
  const first = reads[0];
  const independent = reads.slice(1).filter(({ query }) => isIndependentOf(query, first?.query));
  const [head, ...others] = independent;
  if (head === undefined) return undefined;
  const costliest = others.reduce((most, read) => (read.query.durationMs > most.query.durationMs ? read : most), head);
  const totalMs = sumMs(reads);
  const dependentMs = totalMs - sumMs(independent);
  const savedMs = totalMs - Math.max(costliest.query.durationMs, dependentMs);
  return { reads, independentCount: independent.length, costliest, totalMs, savedMs };
}

/** Its values were known when the first one started: there are none, or they are the first one's. */
function isIndependentOf(query: LongQuery, first: LongQuery | undefined): boolean {
  if (query.takesNoValues) return true;
  return query.parametersHash !== undefined && query.parametersHash === first?.parametersHash;
}

function sumMs(reads: readonly TimedRead[]): number {
  return reads.reduce((sum, { query }) => sum + query.durationMs, 0);
}
