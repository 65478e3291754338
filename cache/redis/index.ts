/** Import as `slowpath/cache/redis`: a second tier in Redis, on a client of ioredis or node-redis. */
export { type RedisStoreOptions, redisStore } from './create-redis-store.ts';
export type { IoredisClient, NodeRedisClient, RedisClient } from './redis-client.ts';
export type { RedisStoreCounters } from './entry-codec.ts';
export type { RedisStore } from './redis-store.ts';
export { jsonSerializer, type Serializer } from './serializer.ts';
