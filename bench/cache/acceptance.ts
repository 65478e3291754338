import { COLUMNS, ratioOf, type Comparison, type Ratio, type Run } from './compare.ts';
import { medianOf } from './cpu-time.ts';
import type { Measurements } from './measurements.ts';
import type { TelemetryCost } from './measure-telemetry.ts';

/** What the cache promises of its speed, and what was measured. */
export interface Verdict {
  readonly promise: string;
  readonly measured: string;
  readonly kept: boolean;
}

const HIT_MAX = 1.3;
const TAGGED_HIT_MAX = 2;
const TELEMETRY_NS_MAX = 150;
/** What a cache with tags is for. */
const TIMES = ['hit', 'hitTagged', 'hitRechecked', 'setTagged', 'getOrComputeHit', 'invalidate'] as const;
/** Compared, and no promise: what is done once for each computation, whose time is of another order. */
const FURTHER_TIMES = ['miss', 'set'] as const;

export function verdicts(
  ours: readonly Run[],
  bare: readonly Run[],
  telemetry: readonly TelemetryCost[],
  peers: readonly Comparison[],
): readonly Verdict[] {
  const timesOf = (runs: readonly Run[], column: keyof Measurements) => runs.map((run) => run.measurements[column]);
  const hit = ratioOf(timesOf(bare, 'hit'), timesOf(ours, 'hit'));
  const tagged = ratioOf(timesOf(ours, 'hit'), timesOf(ours, 'hitTagged'));
  const rechecked = ratioOf(timesOf(ours, 'hit'), timesOf(ours, 'hitRechecked'));
  const addedNs = medianOf(telemetry.map((cost) => cost.addedNs));
  const faster = peers.flatMap((peer) => fasterThanOurs(peer, TIMES));
  return [
    {
      promise: `a hit takes at most ${HIT_MAX} times that of bare lru-cache with TTL`,
      measured: rangeOf(hit),
      kept: (hit?.median ?? Infinity) <= HIT_MAX,
    },
    {
      promise: `a hit with two tags takes at most ${TAGGED_HIT_MAX} times that of one without`,
      measured: rangeOf(tagged),
      kept: (tagged?.median ?? Infinity) <= TAGGED_HIT_MAX,
    },
    {
      promise: '… the first after an invalidation of anything, when its tags are looked at, as well',
      measured: rangeOf(rechecked),
      kept: (rechecked?.median ?? Infinity) <= TAGGED_HIT_MAX,
    },
    {
      promise: `telemetry adds at most ${TELEMETRY_NS_MAX} ns to a hit within a request`,
      measured: `${addedNs.toFixed(0)} ns`,
      kept: addedNs <= TELEMETRY_NS_MAX,
    },
    {
      promise:
        'no library with tags is faster at a hit, with or without tags, getOrCompute, setting with tags or invalidating',
      measured: peers.length === 0 ? 'none is installed' : faster.length === 0 ? 'none is' : faster.join(', '),
      kept: peers.length > 0 && faster.length === 0,
    },
  ];
}

function rangeOf(ratio: Ratio | undefined): string {
  if (ratio === undefined) return 'not measured';
  const { median, min, max } = ratio;
  return `${median.toFixed(2)} times [${min.toFixed(2)}–${max.toFixed(2)}]`;
}

/** Where a library with tags is faster, and none was promised to be slower. */
export function fasterElsewhere(peers: readonly Comparison[]): readonly string[] {
  return peers.flatMap((peer) => fasterThanOurs(peer, FURTHER_TIMES));
}

function fasterThanOurs({ name, ratios }: Comparison, columns: readonly (keyof Measurements)[]): readonly string[] {
  return columns.flatMap((column) => {
    const times = ratios[column]?.median ?? Infinity;
    return times < 1 ? [`${name}: ${COLUMNS[column]} (${times.toFixed(2)} ×)`] : [];
  });
}
