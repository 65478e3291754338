import type { CacheUnderTest } from './subject.ts';
import type { Workload } from './workload.ts';

/** A loop over `size` operations from number `start` on. Each is a function of its own, so that the compiler knows what it calls. */
type Loop = (cache: CacheUnderTest, workload: Workload, start: number, size: number) => unknown;

export interface Loops {
  readonly hit: Loop;
  readonly miss: Loop;
  readonly set: Loop;
  readonly setTagged: Loop;
}

/** Of caches whose `get` and `set` return at once. */
export const syncLoops: Loops = {
  hit(cache, { lookups }, start, size) {
    expectFound(getSync(cache, lookups, start, size), size);
  },
  miss(cache, { absent }, start, size) {
    expectFound(getSync(cache, absent, start, size), 0);
  },
  set(cache, { lookups, values }, start, size) {
    for (let n = start; n < start + size; n++) cache.set?.(at(lookups, n), at(values, n));
  },
  setTagged(cache, { keys, values, tags }, start, size) {
    for (let n = start; n < start + size; n++) cache.set?.(at(keys, n), at(values, n), at(tags, n));
  },
};

/** Of caches that return promises, awaited one after the other. */
export const asyncLoops: Loops = {
  async hit(cache, { lookups }, start, size) {
    expectFound(await getAsync(cache, lookups, start, size), size);
  },
  async miss(cache, { absent }, start, size) {
    expectFound(await getAsync(cache, absent, start, size), 0);
  },
  async set(cache, { lookups, values }, start, size) {
    for (let n = start; n < start + size; n++) await cache.set?.(at(lookups, n), at(values, n));
  },
  async setTagged(cache, { keys, values, tags }, start, size) {
    for (let n = start; n < start + size; n++) await cache.set?.(at(keys, n), at(values, n), at(tags, n));
  },
};

/** A `getOrCompute` of a value that is there. It is a promise in all of them. */
export async function getOrComputeHits(
  cache: CacheUnderTest,
  { lookups }: Workload,
  start: number,
  size: number,
): Promise<void> {
  let found = 0;
  for (let n = start; n < start + size; n++) {
    if ((await cache.getOrCompute?.(at(lookups, n), computeNothing)) !== undefined) found++;
  }
  expectFound(found, size);
}

function computeNothing(): never {
  throw new Error('A value that should have been in the cache was computed.');
}

/** How many of the keys have a value. */
export function getSync(
  cache: Pick<CacheUnderTest, 'get'>,
  keys: readonly string[],
  start: number,
  size: number,
): number {
  let found = 0;
  for (let n = start; n < start + size; n++) if (cache.get?.(at(keys, n)) !== undefined) found++;
  return found;
}

async function getAsync(cache: CacheUnderTest, keys: readonly string[], start: number, size: number): Promise<number> {
  let found = 0;
  for (let n = start; n < start + size; n++) if ((await cache.get?.(at(keys, n))) !== undefined) found++;
  return found;
}

function at<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}

function expectFound(found: number, expected: number): void {
  if (found !== expected) throw new Error(`${found} of ${expected} values were found: this is not what is timed.`);
}
