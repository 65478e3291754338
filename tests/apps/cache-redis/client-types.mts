// Compiled by client-types.test.ts: the real clients fit the types that redisStore takes.
import { Cluster, Redis } from 'ioredis';
import { createClient } from 'redis';
import { redisStore, type RedisStore } from '../../../dist/cache/redis/index.js';

export const stores: readonly RedisStore[] = [
  redisStore({ client: new Redis() }),
  redisStore({ client: new Redis({ keyPrefix: 'app:' }), subscriber: new Redis() }),
  redisStore({ client: new Cluster([]) }),
  redisStore({ client: createClient() }),
  redisStore({ client: createClient({ RESP: 3 }), subscriber: createClient({ RESP: 2 }) }),
];

// @ts-expect-error: something else is no client.
redisStore({ client: new Map() });
