import { NodeRedisSubscriber } from './node-redis-subscriber.ts';
import type { NodeRedisClient } from './redis-client.ts';
import type { RedisPort } from './redis-port.ts';

/**
 * Commands on a client of node-redis. They are sent as they are: its methods for single commands may answer from a client-side
 * cache, which learns of a change after it was made.
 */
export function nodeRedisPort(client: NodeRedisClient): RedisPort {
  return {
    client,
    isReady: () => client.isReady,
    send: (command) => client.sendCommand(command),
    // Commands of one turn of the event loop leave in one piece.
    sendBoth: (first, second) => Promise.all([client.sendCommand(first), client.sendCommand(second)]),
    openSubscriber: () => new NodeRedisSubscriber(client.duplicate(), { owned: true }),
  };
}
