import { medianOf } from './cpu-time.ts';
import type { Measurements } from './measurements.ts';

/** What one process reports. */
export interface Run {
  readonly name: string;
  readonly hasTags: boolean;
  readonly measurements: Measurements;
}

/** How often a library's figure contains ours: 2 is twice as slow. Each round gives one ratio. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Comparison {
  readonly name: string;
  readonly hasTags: boolean;
  /** Medians over the rounds. */
  readonly medians: Measurements;
  readonly ratios: Partial<Record<keyof Measurements, Ratio>>;
}

export const COLUMNS = {
  hit: 'hit',
  hitTagged: 'tagged hit',
  hitRechecked: 'tagged hit, the first after an invalidation',
  miss: 'miss',
  set: 'set',
  setTagged: 'tagged set',
  getOrComputeHit: 'getOrCompute hit',
  invalidate: 'invalidate',
  bytesPerEntry: 'bytes',
  bytesPerTaggedEntry: 'tagged bytes',
} as const satisfies Record<keyof Measurements, string>;

const columns = Object.keys(COLUMNS) as (keyof Measurements)[];

/** Compares `runs`, one a round, with those of `ours` in the same rounds. */
export function compare(ours: readonly Run[], runs: readonly Run[]): Comparison {
  const { name = '', hasTags = false } = runs[0] ?? {};
  const medians: Measurements = {};
  const ratios: Partial<Record<keyof Measurements, Ratio>> = {};
  for (const column of columns) {
    const values = runs.flatMap(({ measurements }) => measurements[column] ?? []);
    if (values.length === 0) continue;
    medians[column] = medianOf(values);
    const ratio = ratioOf(
      ours.map(({ measurements }) => measurements[column]),
      runs.map(({ measurements }) => measurements[column]),
    );
    if (ratio !== undefined) ratios[column] = ratio;
  }
  return { name, hasTags, medians, ratios };
}

/** The median, least and greatest of `b / a`, round by round; `undefined` if one of both is not there. */
export function ratioOf(a: readonly (number | undefined)[], b: readonly (number | undefined)[]): Ratio | undefined {
  const perRound = a.flatMap((first, round) => {
    const second = b[round];
    return first === undefined || second === undefined ? [] : second / first;
  });
  if (perRound.length === 0) return undefined;
  return { median: medianOf(perRound), min: Math.min(...perRound), max: Math.max(...perRound) };
}
