// A service whose cache has both tiers; everything secret of it has "canary" in it.
import { createServer } from 'node:http';
import { CacheManager } from '../../../dist/cache/index.js';
import { redisStore } from '../../../dist/cache/redis/index.js';
import { openIoredis, openNodeRedis } from './clients.mjs';

const open = process.env.CLIENT === 'ioredis' ? openIoredis : openNodeRedis;
const { client, close } = await open(process.env.REDIS_URL);
const store = redisStore({ client, prefix: process.env.PREFIX, hmacKey: 'canary of the seal' });
const cache = new CacheManager({ store, firstTierTtl: 0.001 });

const routes = {
  '/compute': async () => {
    for (let index = 0; index < 5; index++) {
      const tags = [`canary tag ${index}`];
      await cache.getOrCompute(`canary key ${index}`, () => ({ text: 'canary value' }), { ttl: 60, tags });
    }
  },
  '/invalidate': async () => {
    await cache.deleteAsync('canary key 1');
    await cache.invalidateTag('canary tag 2');
    await cache.increment('canary counter', { windowSeconds: 60 });
    await cache.clear();
  },
};

const server = createServer(async (request, response) => {
  await routes[request.url]?.();
  response.end();
}).listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));

process.once('SIGTERM', async () => {
  // Nothing is disposed of: closing the client must be enough for the process to end.
  server.close();
  await close();
});
