import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisStore, type IoredisClient, type RedisStore } from '../../../cache/redis/index.ts';
import { entryOf } from '../../../testing/cache-store/contract-case.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';
import type { OpenClient } from './clients.mjs';
import { openIoredis } from './clients.mjs';

const redis = await startRedisOrSkip({});
let admin: OpenClient;

beforeAll(async () => {
  if (redis === undefined) return;
  admin = await openIoredis(redis.url);
  // So that the server knows every script.
  const warm = redisStore({ client: admin.client, prefix: 'warm', bus: false });
  await warm.write('k', entryOf(1, ['added']), (await warm.read('k', [])).fence);
  await Promise.all([warm.delete('k'), warm.invalidateTags(['t']), warm.clear()]);
});
afterAll(async () => {
  if (redis === undefined) return;
  await admin.close();
  await redis.stop();
});

const store = fc.constantFrom(0, 1, 2);
const key = fc.constantFrom('k', 'k', 'k', 'l');
const operation = fc.oneof(
  // Of three versions of the application, two are the same.
  {
    weight: 5,
    arbitrary: fc.record({ compute: key, store, refresh: fc.boolean(), adds: fc.boolean(), stale: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      change: key,
      store,
      by: fc.constantFrom('key', 'key', 'key', 'tag', 'added tag', 'everything'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ lose: fc.constantFrom('t:*', 'sequence', 'clear', 'l:*', 'v:*') }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** A read of such a value takes a lease, too. */
const STALE = { freshMs: 0, staleMs: 60_000 };

/** Commands of the client reach the server in an order that fast-check chooses. */
function scheduled(client: IoredisClient, scheduler: fc.Scheduler): IoredisClient {
  const call = scheduler.scheduleFunction((command: string, args: string[]) => client.call(command, args));
  const exec = scheduler.scheduleFunction((commands: Parameters<IoredisClient['pipeline']>[0]) =>
    client.pipeline(commands).exec(),
  );
  return { ...client, status: 'ready', call, pipeline: (commands) => ({ exec: () => exec(commands) }) };
}

interface Tally {
  hits: number;
  stored: number;
  voided: number;
}

/** Runs all operations at once. Fails when a read finds what an invalidation, which had returned before it began, has voided. */
async function run(operations: readonly Operation[], scheduler: fc.Scheduler, tally: Tally): Promise<void> {
  const prefix = `test-${randomUUID()}`;
  const client = scheduled(admin.client as IoredisClient, scheduler);
  const stores = [1, 1, 2].map((schemaVersion) => redisStore({ client, prefix, schemaVersion, bus: false }));
  /** What a computation finds, and the least that a reader may see. */
  const [source, floor] = [new Map<string, number>(), new Map<string, number>()];
  const at = (map: ReadonlyMap<string, number>, name: string): number => map.get(name) ?? 0;

  const read = async (from: RedisStore, name: string) => {
    const least = at(floor, name);
    const found = await from.read(name, [`tag of ${name}`]);
    const value = found.entry?.value;
    if (value !== undefined) tally.hits++;
    if (typeof value === 'number' && value < least)
      throw new Error(`read ${value} of ${name} after it had become ${least}`);
    return found;
  };
  const turn = scheduler.scheduleFunction(async () => {});
  const start = async (operation: Operation): Promise<void> => {
    await turn();
    if ('lose' in operation) {
      const keys = (await client.call('KEYS', [`{${prefix}}:${operation.lose}`])) as string[];
      if (keys.length > 0) await client.call('DEL', keys);
      return;
    }
    const own = stores[operation.store];
    if (own === undefined) throw new Error('There is no such store.');
    if ('compute' in operation) {
      const name = operation.compute;
      const { entry, fence } = await read(own, name);
      if (entry !== undefined && !operation.refresh) return;
      const tags = [`tag of ${name}`, ...(operation.adds ? [`added to ${name}`] : [])];
      await turn();
      const value = at(source, name);
      await turn();
      const written = await own.write(name, entryOf(value, tags, operation.stale ? STALE : {}), fence);
      tally[written === undefined ? 'voided' : 'stored']++;
      return;
    }
    const name = operation.change;
    source.set(name, at(source, name) + 1);
    const version = at(source, name);
    await turn();
    if (operation.by === 'key') await own.delete(name);
    else if (operation.by === 'everything') await own.clear();
    else await own.invalidateTags([operation.by === 'tag' ? `tag of ${name}` : `added to ${name}`]);
    floor.set(name, Math.max(at(floor, name), version));
  };
  await scheduler.waitFor(Promise.all(operations.map(start)));
  // And when all is quiet, from every side.
  await scheduler.waitFor(Promise.all(stores.flatMap((from) => ['k', 'l'].map((name) => read(from, name)))));
}

describe.skipIf(redis === undefined)('two processes and two versions on one Redis, their commands in any order', () => {
  it('never read a value after its invalidation returned', async () => {
    const tally: Tally = { hits: 0, stored: 0, voided: 0 };
    const operations = fc.array(operation, { minLength: 3, maxLength: 16, size: 'max' });
    await fc.assert(
      fc.asyncProperty(operations, fc.scheduler(), async (all, scheduler) => {
        // A value without the added tag is not voided by it: either all computations add it, or no change is by it.
        const byAdded = all.some((one) => 'change' in one && one.by === 'added tag');
        const fair = all.map((one) => ('compute' in one ? { ...one, adds: one.adds || byAdded } : one));
        await run(fair, scheduler, tally);
      }),
      { numRuns: 1000 },
    );
    // It says nothing if nothing was stored, found or voided.
    for (const count of Object.values(tally)) expect(count).toBeGreaterThan(100);
  }, 120_000);

  it('make no old fence good again by a read that overtakes a deletion', async () => {
    const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const client = admin.client as IoredisClient;
    const slow: IoredisClient = Object.assign(Object.create(client) as IoredisClient, {
      // The value was read; now its lease is to be taken.
      call: async (command: string, args: string[]) => {
        reached.resolve();
        await goOn.promise;
        return await client.call(command, args);
      },
    });
    const prefix = `test-${randomUUID()}`;
    const [a, b] = [redisStore({ client, prefix, bus: false }), redisStore({ client: slow, prefix, bus: false })];
    await a.write('k', entryOf('first', [], STALE), (await a.read('k', [])).fence);
    const { fence } = await a.read('k', []);
    const reading = b.read('k', []);
    await reached.promise;
    await a.delete('k');
    goOn.resolve();
    expect((await reading).entry?.value).toBe('first');
    expect(await a.write('k', entryOf('old'), fence)).toBeUndefined();
    expect((await a.read('k', [])).entry).toBeUndefined();
  });
});
