import { SetupError } from '../../core/setup-error.ts';
import { ioredisPort } from './ioredis-port.ts';
import { IoredisSubscriber } from './ioredis-subscriber.ts';
import { nodeRedisPort } from './node-redis-port.ts';
import { NodeRedisSubscriber } from './node-redis-subscriber.ts';
import type { IoredisClient, NodeRedisClient, RedisClient } from './redis-client.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisSubscriber } from './redis-port.ts';

/** @throws {SetupError} SLOWPATH_CACHE_REDIS_CLIENT if it is no client of a known kind. */
export function connectionOf(client: RedisClient): RedisConnection {
  if (isNodeRedis(client)) return new RedisConnection(nodeRedisPort(client));
  if (isIoredis(client)) return new RedisConnection(ioredisPort(client));
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
