// One of several processes that compute, invalidate and read the same keys as fast as they can. Prints what it saw as JSON.
import { setTimeout as wait } from 'node:timers/promises';
import { CacheManager } from '../../../cache/index.ts';
import { redisStore } from '../../../cache/redis/index.ts';
import { openIoredis, openNodeRedis } from './clients.mjs';

const { REDIS_URL, PREFIX, CLIENT, TIERS, FLAW, FOR_MS } = process.env;
const KEYS = ['k', 'l', 'm'];
const seen = { hits: 0, misses: 0, stored: 0, voided: 0, changes: 0, tooOld: [] };

const { client } = await (CLIENT === 'ioredis' ? openIoredis : openNodeRedis)(REDIS_URL);
const source = await openIoredis(REDIS_URL);
const store = redisStore({ client, prefix: PREFIX });
const cache = new CacheManager({ name: `racer-${process.pid}`, store });

/** The source of all values, and the least that may be read of each: `floor` moves once an invalidation has returned. */
const sourceOf = async (key) => Number((await source.send('GET', `${PREFIX}-source-${key}`)) ?? 0);
const RAISE = `if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end`;
const raiseFloor = (key, version) => source.send('EVAL', RAISE, '1', `${PREFIX}-floor-${key}`, String(version));
/** A first tier of another process hears of an invalidation when the message arrives; of its own, it knows at once. */
const own = new Map();
const floorOf = async (key) =>
  TIERS === 'both' ? (own.get(key) ?? 0) : Number((await source.send('GET', `${PREFIX}-floor-${key}`)) ?? 0);

const tagsOf = (key) => [`tag of ${key}`];
const added = (key) => `added to ${key}`;
const pick = (list) => list[Math.floor(Math.random() * list.length)];

const readers = {
  async both(key, compute) {
    const find = async (context) => {
      seen.misses++;
      context.addTags(added(key));
      return await compute();
    };
    const before = seen.misses;
    const value = await cache.getOrCompute(key, find, { ttl: 60, tags: tagsOf(key) });
    if (seen.misses === before) seen.hits++;
    return value;
  },
  async second(key, compute) {
    const { entry, fence } = await store.read(key, tagsOf(key));
    if (entry !== undefined) {
      seen.hits++;
      return entry.value;
    }
    seen.misses++;
    const value = await compute();
    const taken = FLAW === 'no fences' ? (await store.read(key, tagsOf(key))).fence : fence;
    const entryOfValue = { value, tags: [...tagsOf(key), added(key)], freshMs: 60_000, staleMs: 0, computeMs: 1 };
    const bytes = await store.write(key, entryOfValue, taken);
    seen[bytes === undefined ? 'voided' : 'stored']++;
    return value;
  },
};

const invalidations = [
  (key) => (TIERS === 'both' ? cache.deleteAsync(key) : store.delete(key)),
  (key) => (TIERS === 'both' ? cache : store).invalidateTags(tagsOf(key)),
  (key) => (TIERS === 'both' ? cache : store).invalidateTags([added(key)]),
  () => (TIERS === 'both' ? cache : store).clear(),
];

async function change(key) {
  const version = Number(await source.send('INCR', `${PREFIX}-source-${key}`));
  await pick(invalidations)(key);
  seen.changes++;
  own.set(key, Math.max(own.get(key) ?? 0, version));
  await raiseFloor(key, version);
}

async function read(key) {
  const least = await floorOf(key);
  const value = await readers[TIERS](key, async () => {
    const version = await sourceOf(key);
    await wait(Math.random() * 4);
    return version;
  });
  if (value < least) seen.tooOld.push({ key, value, least });
}

async function work(endMs) {
  while (performance.now() < endMs) {
    const key = pick(KEYS);
    await (Math.random() < 0.1 ? change(key) : read(key));
    // Now and then it is quiet, so that values are also found.
    if (Math.random() < 0.02) await wait(20);
  }
}

console.log('ready');
process.stdin.once('data', async () => {
  const endMs = performance.now() + Number(FOR_MS);
  await Promise.all(Array.from({ length: 4 }, () => work(endMs)));
  console.log('done');
  process.stdin.once('data', async () => {
    // All changes have been made, by everybody: what is read now must become what the source has.
    const untilMs = performance.now() + 5000;
    const isLast = async (key) => (await readers[TIERS](key, () => sourceOf(key))) === (await sourceOf(key));
    for (const key of KEYS) while (!(await isLast(key)) && performance.now() < untilMs) await wait(5);
    const last = await Promise.all(KEYS.map(isLast));
    console.log(`seen ${JSON.stringify({ ...seen, isLast: last.every(Boolean) })}`);
    process.exit();
  });
});
