import type { CallGroup } from '../core/types.ts';

/** How to ask for many keys at once, in the words of a client. */
interface ManyKeys {
  readonly ioredis: string;
  readonly redis: string;
  readonly other: string;
}

/** Commands that have one for many keys. */
const MANY_KEYS: Readonly<Record<string, ManyKeys>> = {
  GET: { ioredis: 'redis.mget(keys)', redis: 'client.mGet(keys)', other: 'MGET' },
  SET: { ioredis: 'redis.mset(pairs)', redis: 'client.mSet(pairs)', other: 'MSET' },
  'JSON.GET': {
    ioredis: "redis.call('JSON.MGET', ...keys, path)",
    redis: 'client.json.mGet(keys, path)',
    other: 'JSON.MGET',
  },
  EXISTS: { ioredis: 'redis.exists(keys)', redis: 'client.exists(keys)', other: 'EXISTS with all keys' },
  DEL: { ioredis: 'redis.del(keys)', redis: 'client.del(keys)', other: 'DEL with all keys' },
  UNLINK: { ioredis: 'redis.unlink(keys)', redis: 'client.unlink(keys)', other: 'UNLINK with all keys' },
  TOUCH: { ioredis: 'redis.touch(keys)', redis: 'client.touch(keys)', other: 'TOUCH with all keys' },
};

const PIPELINES: ManyKeys = {
  ioredis: 'Send the commands in one pipeline: redis.pipeline(), then .exec().',
  redis:
    'Send the commands together: await Promise.all(keys.map(...)), which is one round trip, or client.multi(), then .execAsPipeline().',
  other: 'Send the commands in one pipeline.',
};

/** How to do with one round trip what a loop of commands does with many. */
export function adviseOneRoundTrip({ name, system, client }: CallGroup): string {
  if (system === 'memcached')
    return name === 'GET' || name === 'GETS'
      ? 'Get all keys in one command: getMulti(keys).'
      : 'Send the commands together: await Promise.all(keys.map(...)).';
  const who = client === 'ioredis' || client === 'redis' ? client : 'other';
  const manyKeys = MANY_KEYS[name]?.[who];
  if (manyKeys === undefined) return PIPELINES[who];
  // MSET takes no time to live.
  const orPipeline = name === 'SET' ? ` Where the keys expire: ${PIPELINES[who]}` : '';
  return `Send one command for all keys: ${manyKeys}.${orPipeline}`;
}
