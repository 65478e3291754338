import { afterAll, describe, it } from 'vitest';
import { describeCacheStore } from '../../../testing/cache-store-contract.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';
import { CLIENTS, createRedisPair } from './redis-pair.ts';

const redis = await startRedisOrSkip();
const url = redis?.url ?? '';
const words = { describe: describe.skipIf(redis === undefined), it };
const has = { bus: true, faults: true, maxItemBytes: 1024 * 1024 };

afterAll(() => redis?.stop());

for (const [name, open] of CLIENTS) {
  describeCacheStore(`redisStore on ${name}`, { ...words, has, create: () => createRedisPair(url, open) });

  describeCacheStore(`redisStore on ${name} with a seal, without a bus`, {
    ...words,
    has: { ...has, bus: false, maxItemBytes: 50_000 },
    create: () =>
      createRedisPair(url, open, { bus: false, hmacKey: 'a key that is long enough', maxItemBytes: 50_000 }),
  });
}

describeCacheStore('redisStore on ioredis with a key prefix of its own', {
  ...words,
  has,
  create: () => createRedisPair(url, CLIENTS[0][1], {}, { keyPrefix: 'app:' }),
});
