import { seededRandom } from '../../testing/seeded-random.ts';

/** Entries of a full cache. It has room for some more, so that none is evicted. */
export const ENTRIES = 100_000;
export const MAX_ENTRIES = 120_000;
/** Each entry has one of these tags, and each of them 1 000 entries. */
export const GROUPS = 100;
export const ENTRIES_PER_GROUP = ENTRIES / GROUPS;
/** And one that it shares with nine others. */
const ENTRIES_PER_OWNER = 10;

export interface Workload {
  /** The keys that are stored, in the order of their numbers. */
  readonly keys: readonly string[];
  /** Other strings with the same text, in an order that no cache of the processor foresees: what look-ups use. */
  readonly lookups: readonly string[];
  /** As many keys that are in no cache. */
  readonly absent: readonly string[];
  readonly values: readonly object[];
  readonly tags: readonly (readonly string[])[];
}

/** The same for every library and in every round. */
export function workload(): Workload {
  const numbers = Array.from({ length: ENTRIES }, (_, n) => n);
  return {
    keys: numbers.map((n) => keyOf(n)),
    lookups: shuffled(numbers).map((n) => keyOf(n)),
    absent: shuffled(numbers).map((n) => keyOf(n + ENTRIES)),
    values: numbers.map((n) => ({ id: n, name: `Customer ${n}`, theme: n % 2 === 0 ? 'dark' : 'light' })),
    tags: numbers.map((n) => [groupTag(n % GROUPS), ownerTag(Math.floor(n / ENTRIES_PER_OWNER))]),
  };
}

export function groupTag(group: number): string {
  return `group:${group}`;
}

export function ownerTag(owner: number): string {
  return `owner:${owner}`;
}

/** In one piece: a string that was put together by `+` is flattened by the first cache that it meets. */
export function keyOf(n: number): string {
  return ['user', n, 'settings'].join(':');
}

/** Fisher–Yates, the same every time. */
function shuffled(numbers: readonly number[]): number[] {
  const result = [...numbers];
  const random = seededRandom(1);
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as number, result[i] as number];
  }
  return result;
}
