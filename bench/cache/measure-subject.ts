/**
 * `node bench/cache/measure-subject.ts <id> <phase> [--quick]`: one way to fill one library, in a process of its own, where no other cache
 * has been that the garbage collector and the compiler remember. JSON of its `Measurements`.
 */
import { parseArgs } from 'node:util';
import { bytesInUse } from '../lib/memory.ts';
import { medianOf, QUICK, THOROUGH, timeBatches } from './cpu-time.ts';
import { NotInstalled } from './load.ts';
import type { Measurements, Phase } from './measurements.ts';
import { asyncLoops, getOrComputeHits, syncLoops } from './operations.ts';
import type { CacheUnderTest, Subject } from './subject.ts';
import { SUBJECTS, type SubjectId } from './subjects/index.ts';
import {
  ENTRIES,
  ENTRIES_PER_GROUP,
  groupTag,
  GROUPS,
  MAX_ENTRIES,
  ownerTag,
  workload,
  type Workload,
} from './workload.ts';

const BATCH = 10_000;
const INVALIDATIONS = 50;
/** No entry carries it. */
const UNUSED_TAG = 'unused';
const WARM_UP_INVALIDATIONS = 5000;

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const budget = flags.quick ? QUICK : THOROUGH;

try {
  const subject = await SUBJECTS[positionals[0] as SubjectId]();
  const measurements = await measured(subject, positionals[1] as Phase);
  console.log(JSON.stringify({ name: subject.name, hasTags: subject.hasTags, measurements }));
} catch (thrown) {
  if (!(thrown instanceof NotInstalled)) throw thrown;
  console.log(JSON.stringify({ missing: thrown.message }));
}
// Some of the libraries have timers that would keep the process.
process.exit();

async function measured(subject: Subject, phase: Phase): Promise<Measurements> {
  if (!isPossible(subject, phase)) return {};
  const load = workload();
  const loops = subject.isSync ? syncLoops : asyncLoops;
  const time = (run: (start: number) => unknown): Promise<number> => timeBatches(BATCH, budget, run);
  const { cache, bytesPerEntry } = await filled(subject, load, phase);
  switch (phase) {
    case 'set':
      return {
        hit: await time((start) => loops.hit(cache, load, start, BATCH)),
        miss: await time((start) => loops.miss(cache, load, start, BATCH)),
        set: await time((start) => loops.set(cache, load, start, BATCH)),
        bytesPerEntry,
      };
    case 'setTagged':
      return {
        hitTagged: await time((start) => loops.hit(cache, load, start, BATCH)),
        hitRechecked: await time(async (start) => {
          await cache.invalidateTag?.(UNUSED_TAG);
          // No entry is met twice in a batch, so whatever a library remembers of its checks is of no use.
          await loops.hit(cache, load, start, BATCH);
        }),
        setTagged: await time((start) => loops.setTagged(cache, load, start, BATCH)),
        invalidate: await invalidated(subject, cache, load),
        bytesPerTaggedEntry: bytesPerEntry,
      };
    case 'compute':
      return {
        getOrComputeHit: await time((start) => getOrComputeHits(cache, load, start, BATCH)),
        ...(!subject.canSet && { bytesPerEntry }),
      };
  }
}

function isPossible({ canSet, canCompute, hasTags }: Subject, phase: Phase): boolean {
  return phase === 'compute' ? canCompute : phase === 'setTagged' ? hasTags : canSet;
}

/** A full cache, and what it holds beside the keys and values, which are there before. */
async function filled(
  subject: Subject,
  { keys, values, tags }: Workload,
  phase: Phase,
): Promise<{ readonly cache: CacheUnderTest; readonly bytesPerEntry: number }> {
  const before = bytesInUse();
  const cache = subject.make(MAX_ENTRIES);
  for (let n = 0; n < ENTRIES; n++) {
    const key = keys[n] as string;
    const value = values[n] as object;
    if (phase === 'compute') await cache.getOrCompute?.(key, () => value);
    else await cache.set?.(key, value, phase === 'setTagged' ? tags[n] : undefined);
  }
  return { cache, bytesPerEntry: (bytesInUse() - before) / ENTRIES };
}

/** Ends some of the groups, one after the other, and looks whether they are gone and the others are not. */
async function invalidated(subject: Subject, cache: CacheUnderTest, { keys }: Workload): Promise<number> {
  await warmUpInvalidations(subject.make(WARM_UP_INVALIDATIONS));
  const times: number[] = [];
  for (let group = 0; group < INVALIDATIONS; group++) {
    const start = process.hrtime.bigint();
    await cache.invalidateTag?.(groupTag(group));
    times.push(Number(process.hrtime.bigint() - start));
  }
  const isThere = async (group: number, i: number): Promise<boolean> =>
    (await cache.get?.(keys[i * GROUPS + group] as string)) !== undefined;
  for (let i = 0; i < ENTRIES_PER_GROUP; i++) {
    if (await isThere(INVALIDATIONS - 1, i)) throw new Error('A value was found after its tag was invalidated.');
    if (!(await isThere(INVALIDATIONS, i))) throw new Error('A value is gone whose tag was not invalidated.');
  }
  return medianOf(times);
}

/** The compiler has not met the call so far. */
async function warmUpInvalidations(cache: CacheUnderTest): Promise<void> {
  for (let n = 0; n < WARM_UP_INVALIDATIONS; n++) await cache.set?.(`key:${n}`, {}, [ownerTag(n)]);
  for (let n = 0; n < WARM_UP_INVALIDATIONS; n++) await cache.invalidateTag?.(ownerTag(n));
}
