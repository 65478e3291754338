import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { redisStore, type RedisStoreOptions } from '../../../cache/redis/index.ts';
import type { StorePair } from '../../../testing/cache-store/contract-case.ts';
import type { OpenClient } from './clients.mjs';
import { openIoredis, openNodeRedis } from './clients.mjs';

export const CLIENTS = [
  ['ioredis', openIoredis],
  ['node-redis', openNodeRedis],
] as const;

export type OpenRedis = (url: string, options?: object) => Promise<OpenClient>;

/** Two stores, as of two processes: each on a client of its own. All keys begin with a prefix that nobody else has. */
export async function createRedisPair(
  url: string,
  open: OpenRedis,
  options: Partial<RedisStoreOptions> = {},
  clientOptions: object = {},
): Promise<StorePair> {
  const prefix = `test-${randomUUID()}`;
  const clients = [await open(url, clientOptions), await open(url, clientOptions)] as const;
  const create = ({ client }: OpenClient) => redisStore({ prefix, ...options, client });
  const stores = [create(clients[0]), create(clients[1])] as const;
  const admin = await openIoredis(url);
  const remove = async (pattern: string): Promise<void> => {
    const keys = (await admin.send('KEYS', `*{${prefix}}:${pattern}`)) as string[];
    if (keys.length > 0) await admin.send('DEL', ...keys);
  };
  return {
    stores,
    passTime: async (ms) => await wait(ms),
    faults: {
      loseTag: async (tag) => await remove(`t:=${tag}`),
      loseEverything: async () => await remove('*'),
    },
    close: async () => {
      for (const store of stores) await store.dispose();
      await remove('*');
      for (const { close } of [...clients, admin]) await close();
    },
  };
}
