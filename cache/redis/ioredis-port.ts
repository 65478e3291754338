import { IoredisSubscriber } from './ioredis-subscriber.ts';
import type { IoredisClient } from './redis-client.ts';
import type { RedisPort } from './redis-port.ts';

/** Commands on a client of ioredis. */
export function ioredisPort(client: IoredisClient): RedisPort {
  return {
    client,
    isReady: () => client.status === 'ready',
    send: ([command, ...args]) => client.call(command, args),
    sendBoth: async (first, second) => {
      const replies = (await client.pipeline([[...first], [...second]]).exec()) ?? [];
      const error = replies.find(([error]) => error !== null)?.[0];
      if (error) throw error;
      return [replies[0]?.[1], replies[1]?.[1]];
    },
    openSubscriber: () => new IoredisSubscriber(client.duplicate(), { owned: true }),
  };
}
