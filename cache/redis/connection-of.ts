import { SetupError } from '../../core/setup-error.ts';
import { IoredisConnection } from './ioredis-connection.ts';
import { IoredisSubscriber } from './ioredis-subscriber.ts';
import { NodeRedisConnection } from './node-redis-connection.ts';
import { NodeRedisSubscriber } from './node-redis-subscriber.ts';
import type { IoredisClient, NodeRedisClient, RedisClient } from './redis-client.ts';
import type { RedisConnection, RedisSubscriber } from './redis-connection.ts';

/** @throws {SetupError} SLOWPATH_CACHE_REDIS_CLIENT if it is no client of a known kind. */
export function connectionOf(client: RedisClient): RedisConnection {
  if (isNodeRedis(client)) return new NodeRedisConnection(client);
  if (isIoredis(client)) return new IoredisConnection(client);
  throw unknownClient('client');
}

/**
 * Listens on a connection that the application made for it and will close.
 * @throws {SetupError} SLOWPATH_CACHE_REDIS_CLIENT if it is no client of a known kind.
 */
export function subscriberOn(client: RedisClient): RedisSubscriber {
  if (isNodeRedis(client)) return new NodeRedisSubscriber(client, { owned: false });
  if (isIoredis(client)) return new IoredisSubscriber(client, { owned: false });
  throw unknownClient('subscriber');
}

function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return isObject(client) && 'isReady' in client && typeof client.sendCommand === 'function';
}

function isIoredis(client: RedisClient): client is IoredisClient {
  return isObject(client) && 'status' in client && typeof client.pipeline === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function unknownClient(option: string): SetupError {
  return new SetupError(
    'SLOWPATH_CACHE_REDIS_CLIENT',
    `redisStore({ ${option} }) is no Redis client that slowpath knows. Pass one of ioredis (new Redis(…), new Cluster(…)) or of node-redis (createClient(…)), version 5 or newer.`,
  );
}
