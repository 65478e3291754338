/** Uses Redis through ioredis and node-redis, in loops that could be one command and in ones that are. */
import http from 'node:http';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

const COUNT = 15;
const prefix = process.env.KEY_PREFIX;
const ids = Array.from({ length: COUNT }, (_, n) => n);
const userKeys = ids.map((n) => `${prefix}:canary-${n}`);
const hashKeys = ids.map((n) => `${prefix}-hash:canary-${n}`);

const redis = new Redis(process.env.REDIS_URL);
const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
for (const [n, key] of userKeys.entries()) await redis.set(key, String(n), 'EX', 600);
for (const [n, key] of hashKeys.entries()) {
  await redis.hset(key, 'name', `canary ${n}`);
  await redis.expire(key, 600);
}

async function inTurn(keys, ask) {
  for (const key of keys) await ask(key);
}

const routes = {
  '/ioredis/get': () => inTurn(userKeys, (key) => redis.get(key)),
  '/ioredis/hgetall': () => inTurn(hashKeys, (key) => redis.hgetall(key)),
  '/ioredis/hget-buffer': () => inTurn(hashKeys, (key) => redis.hget(Buffer.from(key), 'name')),
  '/ioredis/set': () => inTurn(userKeys, (key) => redis.set(key, 'canary', 'EX', 600)),
  '/ioredis/parallel': () => Promise.all(userKeys.map((key) => redis.get(key))),
  '/ioredis/mget': () => redis.mget(userKeys),
  '/ioredis/pipeline': () => userKeys.reduce((pipeline, key) => pipeline.get(key), redis.pipeline()).exec(),
  '/ioredis/multi': () => userKeys.reduce((multi, key) => multi.get(key), redis.multi()).exec(),
  '/ioredis/multi-loop': () => inTurn(userKeys, (key) => redis.multi().get(key).exec()),
  '/ioredis/one-key': () => inTurn(ids, () => redis.hget(hashKeys[0], 'name')),
  '/ioredis/scan': () => inTurn(ids, (n) => redis.scan(n, 'MATCH', `${prefix}:*`)),
  '/redis/get': () => inTurn(userKeys, (key) => client.get(key)),
  '/redis/hgetall': () => inTurn(hashKeys, (key) => client.hGetAll(key)),
  '/redis/parallel': () => Promise.all(userKeys.map((key) => client.get(key))),
  '/redis/mget': () => client.mGet(userKeys),
  '/redis/pipeline': () => userKeys.reduce((multi, key) => multi.get(key), client.multi()).execAsPipeline(),
  '/redis/multi': () => userKeys.reduce((multi, key) => multi.get(key), client.multi()).exec(),
  '/redis/multi-loop': () => inTurn(userKeys, (key) => client.multi().get(key).exec()),
  '/redis/one-key': () => inTurn(ids, () => client.hGet(hashKeys[0], 'name')),
  '/redis/scan': () => inTurn(ids, (n) => client.scan(String(n), { MATCH: `${prefix}:*` })),
  '/forget': () => Promise.all([...userKeys, ...hashKeys].map((key) => redis.del(key))),
};

const server = http.createServer(async (request, response) => {
  try {
    await routes[request.url]();
    response.end('ok');
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
process.on('SIGTERM', () => {
  server.close();
  redis.disconnect();
  client.destroy();
});
