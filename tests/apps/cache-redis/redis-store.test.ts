import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisStore, type RedisStore, type RedisStoreOptions } from '../../../cache/redis/index.ts';
import type { StoreMessage } from '../../../cache/store.ts';
import { entryOf, fenceOf, put, until, valueAt } from '../../../testing/cache-store/contract-case.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';
import type { OpenClient } from './clients.mjs';
import { CLIENTS } from './redis-pair.ts';

// A server of its own: these tests count its commands and empty it.
const redis = await startRedisOrSkip({});

afterAll(() => redis?.stop());

/** Commands that the server ran, those inside of scripts included, since the counts were reset. */
async function commandsRun({ send }: OpenClient): Promise<Readonly<Record<string, number>>> {
  const text = String(await send('INFO', 'commandstats'));
  const counts = Array.from(text.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g), ([, name = '', calls]) => [
    name,
    Number(calls),
  ]);
  return Object.fromEntries(counts.filter(([name]) => !/^(?:info|config|hello|client|auth|select)/.test(String(name))));
}

describe.skipIf(redis === undefined).each(CLIENTS)('redisStore on %s', (name, open) => {
  let client: OpenClient;
  let prefix: string;
  let stores: RedisStore[];

  beforeEach(async () => {
    client = await open(redis?.url ?? '');
    prefix = `test-${randomUUID()}`;
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) await store.dispose();
    await client.send('FLUSHALL');
    await client.close();
  });

  function create(options: Partial<RedisStoreOptions> = {}): RedisStore {
    const store = redisStore({ client: client.client, prefix, bus: false, ...options });
    stores.push(store);
    return store;
  }
  const keysOf = async (pattern = '*'): Promise<string[]> =>
    ((await client.send('KEYS', `{${prefix}}:${pattern}`)) as string[]).toSorted();

  describe('what it asks of the server', () => {
    it('is one round trip for a hit, two for a miss and one for a write', async () => {
      const store = create();
      // The first calls send the scripts.
      await put(store, 'warm', entryOf(1, ['t', 'u']));
      await client.send('CONFIG', 'RESETSTAT');
      const fence = await fenceOf(store, 'k', ['t', 'u']);
      expect(await commandsRun(client)).toMatchObject({ mget: 1, evalsha: 1, set: 1 });
      await client.send('CONFIG', 'RESETSTAT');
      await store.write('k', entryOf(1, ['t', 'u']), fence);
      expect(await commandsRun(client)).toMatchObject({ evalsha: 1, set: 1, del: 1 });
      await client.send('CONFIG', 'RESETSTAT');
      expect(await valueAt(store, 'k', ['t', 'u'])).toBe(1);
      expect(await commandsRun(client)).toEqual({ pttl: 1, mget: 1 });
    });

    it('is one round trip for a deletion, an invalidation, a clear and a count', async () => {
      const store = create();
      const calls = [
        () => store.delete('k'),
        () => store.invalidateTags(['t', 'u', 'v']),
        () => store.clear(),
        () => store.increment('n', 1000),
      ];
      for (const call of calls) {
        await call();
        await client.send('CONFIG', 'RESETSTAT');
        await call();
        expect(await commandsRun(client)).toMatchObject({ evalsha: 1 });
        expect(await commandsRun(client)).not.toHaveProperty('eval');
      }
    });

    it('leaves nothing that does not end, but for two short records', async () => {
      const store = create();
      await put(store, 'k', entryOf(1, ['t', 'u']));
      await store.read('missed', ['v']);
      await store.increment('n', 1000);
      const endless: string[] = [];
      for (const key of await keysOf()) if (Number(await client.send('PTTL', key)) < 0) endless.push(key);
      expect(endless).toEqual([`{${prefix}}:clear`, `{${prefix}}:sequence`]);
    });

    it('goes on when the server has forgotten its scripts', async () => {
      const store = create();
      await put(store, 'k', entryOf(1));
      await client.send('SCRIPT', 'FLUSH');
      await store.delete('k');
      expect(await put(store, 'k', entryOf(2))).toBe(true);
    });

    it('keeps records of tags as long as the longest value that names them', async () => {
      const store = create();
      await put(store, 'long', entryOf(1, ['t'], { freshMs: 500_000 }));
      await put(store, 'short', entryOf(1, ['t'], { freshMs: 1000 }));
      expect(Number(await client.send('PTTL', `{${prefix}}:t:=t`))).toBeGreaterThan(490_000);
    });
  });

  describe('two versions of an application', () => {
    it('do not see or overwrite the values of one another', async () => {
      const [one, two] = [create({ schemaVersion: 1 }), create({ schemaVersion: 'two' })];
      await put(one, 'k', entryOf('one', ['t']));
      expect(await valueAt(two, 'k', ['t'])).toBeUndefined();
      await put(two, 'k', entryOf('two', ['t']));
      expect([await valueAt(one, 'k', ['t']), await valueAt(two, 'k', ['t'])]).toEqual(['one', 'two']);
    });

    it('delete and invalidate for one another, whichever came first', async () => {
      const [one, two, three] = [create(), create({ schemaVersion: 2 }), create({ schemaVersion: 3 })];
      for (const remover of [one, two, three]) {
        for (const store of [one, two, three]) expect(await put(store, 'k', entryOf(1, ['t']))).toBe(true);
        const fence = await fenceOf(two, 'l');
        await remover.delete('k');
        await remover.delete('l');
        expect(await two.write('l', entryOf('old'), fence)).toBeUndefined();
        for (const store of [one, two, three]) expect(await valueAt(store, 'k', ['t'])).toBeUndefined();
      }
      await put(one, 'k', entryOf(1, ['t']));
      await two.invalidateTags(['t']);
      expect(await valueAt(one, 'k', ['t'])).toBeUndefined();
    });

    it('are remembered up to eight; a ninth clears, so that no deletion can miss a value', async () => {
      const versions = Array.from({ length: 9 }, (_, index) => create({ schemaVersion: index + 1 }));
      for (const store of versions.slice(0, 8)) await put(store, 'k', entryOf(1));
      expect(await Promise.all(versions.map((store) => valueAt(store, 'k')))).toEqual([
        ...Array.from({ length: 8 }, () => 1),
        undefined,
      ]);
      expect(await put(versions[8] ?? create(), 'k', entryOf(9))).toBe(true);
      for (const store of versions.slice(0, 8)) expect(await valueAt(store, 'k')).toBeUndefined();
    });
  });

  describe('what somebody else put there', () => {
    const BAD: readonly (readonly [string, (text: string) => string])[] = [
      ['nothing', () => ''],
      ['other text', () => 'hello'],
      ['a cut entry', (text) => text.slice(0, -3)],
      ['half a header', (text) => text.slice(0, 30)],
      ['another header', (text) => `${text.slice(0, 16)}{"__proto__":{}}\n1`],
      ['times that are none', (text) => text.replace(/,60000,/, ',"60000",')],
      ['a value with __proto__', (text) => text.replace(/\n.*/, '\n{"__proto__":{"isAdmin":true}}')],
      [
        'one that hides it',
        (text) => text.replace(/\n.*/, String.raw`\n{"\u005f_proto__":1}`.replace(String.raw`\n`, '\n')),
      ],
      ['a constructor', (text) => text.replace(/\n.*/, '\n[{"constructor":{"prototype":{"a":1}}}]')],
    ];

    it.each(BAD)('is a miss, and is counted: %s', async (_what, spoil) => {
      const store = create();
      await put(store, 'k', entryOf({ n: 1 }, ['t']));
      const key = (await keysOf('v:*'))[0] ?? '';
      await client.send('SET', key, spoil(String(await client.send('GET', key))), 'PX', '50000');
      expect(await valueAt(store, 'k', ['t'])).toBeUndefined();
      expect(store.counters).toMatchObject({ malformed: 1, tooLarge: 0 });
      expect(await put(store, 'k', entryOf('new', ['t']))).toBe(true);
      expect(await valueAt(store, 'k', ['t'])).toBe('new');
    });

    it('is a miss if it never ends: entries of the store do', async () => {
      const store = create();
      await put(store, 'k', entryOf(1));
      await client.send('PERSIST', (await keysOf('v:*'))[0] ?? '');
      expect(await valueAt(store, 'k')).toBeUndefined();
      expect(store.counters.malformed).toBe(1);
    });

    it('takes texts of values that only look dangerous', async () => {
      const store = create();
      const value = { text: '"__proto__": 1', constructor: 'Lego', escaped: '\u0001' };
      expect(await put(store, 'k', entryOf(value))).toBe(true);
      expect(await valueAt(store, 'k')).toEqual(value);
    });

    it('is a miss if it is larger than the store takes', async () => {
      await put(create(), 'k', entryOf('x'.repeat(5000)));
      const small = create({ maxItemBytes: 1000 });
      expect(await valueAt(small, 'k')).toBeUndefined();
      expect(small.counters).toMatchObject({ tooLarge: 1, malformed: 0 });
    });

    it('is a miss if it was changed, or copied from another key, and entries are sealed', async () => {
      const store = create({ hmacKey: 'sixteen letters!' });
      await put(store, 'k', entryOf('role: user', ['t']));
      await put(store, 'admin', entryOf('role: root', ['t']));
      const [adminKey = '', key = ''] = await keysOf('v:*');
      const text = String(await client.send('GET', key));
      expect(await valueAt(store, 'k', ['t'])).toBe('role: user');
      await client.send('SET', key, text.replace('user', 'root'), 'PX', '50000');
      expect(await valueAt(store, 'k', ['t'])).toBeUndefined();
      await client.send('SET', key, String(await client.send('GET', adminKey)), 'PX', '50000');
      expect(await valueAt(store, 'k', ['t'])).toBeUndefined();
      await client.send('SET', key, text, 'PX', '50000');
      expect(await valueAt(store, 'k', ['t'])).toBe('role: user');
      expect(store.counters.malformed).toBe(2);
      expect(await valueAt(create({ hmacKey: 'another key, longer' }), 'k', ['t'])).toBeUndefined();
      expect(await valueAt(create(), 'k', ['t'])).toBeUndefined();
    });
  });

  describe('values', () => {
    it('that JSON cannot hold are not stored, and are counted', async () => {
      const store = create();
      const loop: unknown[] = [];
      loop.push(loop);
      for (const value of [1n, undefined, () => {}, loop]) expect(await put(store, 'k', entryOf(value))).toBe(false);
      expect(store.counters.notEncodable).toBe(4);
    });

    it('go through the serializer that is given', async () => {
      const serializer = {
        encode: (value: unknown) => `map ${JSON.stringify([...(value as Map<string, number>)])}`,
        decode: (text: string) => new Map(JSON.parse(text.slice(4)) as [string, number][]),
      };
      const store = create({ serializer });
      await put(store, 'k', entryOf(new Map([['a', 1]])));
      expect(await valueAt(store, 'k')).toEqual(new Map([['a', 1]]));
      expect(await put(store, 'k', entryOf('no map'))).toBe(true);
      expect(await put(store, 'k', entryOf(1))).toBe(false);
      expect(await valueAt(store, 'k')).toBeUndefined();
      expect(store.counters).toMatchObject({ notEncodable: 1, malformed: 2 });
    });
  });

  describe('the bus', () => {
    it('tells "everything" when the subscription takes effect, and again after a reconnect', async () => {
      const [listener, sender] = [create({ bus: true }), create()];
      const heard: StoreMessage[] = [];
      listener.subscribe((message) => void heard.push(message));
      const everything = (): number => heard.filter(({ kind }) => kind === 'everything').length;
      await until(() => everything() === 1, 'it is subscribed');
      await client.send('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => everything() === 2, 'it is subscribed again');
      await sender.delete('k');
      await until(() => heard.some(({ kind }) => kind === 'key'), 'it hears');
      expect(heard).toEqual([{ kind: 'everything' }, { kind: 'everything' }, { kind: 'key', key: 'k' }]);
    });

    it('tells "everything" for a message that it does not understand', async () => {
      const listener = create({ bus: true });
      const heard: StoreMessage[] = [];
      listener.subscribe((message) => void heard.push(message));
      await until(() => heard.length === 1, 'it is subscribed');
      for (const text of ['hello', '[1]', '{}', '["x","later kind"]'])
        await client.send('PUBLISH', `{${prefix}}:bus`, text);
      await until(() => heard.length === 5, 'all have arrived');
      expect(new Set(heard.map(({ kind }) => kind))).toEqual(new Set(['everything']));
    });

    it('survives a listener that throws', async () => {
      const listener = create({ bus: true });
      const heard: StoreMessage[] = [];
      listener.subscribe(() => {
        throw new Error('of the listener');
      });
      listener.subscribe((message) => void heard.push(message));
      await until(() => heard.length > 0, 'the other one hears');
      await create().delete('k');
      await until(() => heard.some(({ kind }) => kind === 'key'), 'it goes on');
      expect(listener.counters.busFaults).toBeGreaterThanOrEqual(2);
    });

    it('listens on the connection that is given, and leaves it open', async () => {
      const subscriber = await open(redis?.url ?? '');
      const store = create({ bus: true, subscriber: subscriber.client });
      const heard: StoreMessage[] = [];
      store.subscribe((message) => void heard.push(message));
      await until(() => heard.length > 0, 'it is subscribed');
      await create().delete('k');
      await until(() => heard.length > 1, 'it hears');
      await store.dispose();
      await until(async () => String(await client.send('PUBSUB', 'CHANNELS')) === '', 'it left the channel');
      expect(String(await subscriber.send('PING'))).toBe('PONG');
      await subscriber.close();
    });

    it('opens one connection for all listeners, and closes it with the last', async () => {
      const clientCount = async (): Promise<number> =>
        String(await client.send('CLIENT', 'LIST', 'TYPE', 'pubsub'))
          .split('\n')
          .filter(Boolean).length;
      const store = create({ bus: true });
      const stops = [store.subscribe(() => {}), store.subscribe(() => {})];
      await until(async () => (await clientCount()) === 1, 'there is one');
      stops[0]?.();
      expect(await clientCount()).toBe(1);
      stops[1]?.();
      await until(async () => (await clientCount()) === 0, 'there is none');
    });

    it('ends with the client of the application', async () => {
      const other = await open(redis?.url ?? '');
      const store = create({ bus: true, client: other.client });
      store.subscribe(() => {});
      const channels = async (): Promise<string> => String(await client.send('PUBSUB', 'CHANNELS'));
      await until(async () => (await channels()) !== '', 'it listens');
      await other.close();
      await until(async () => (await channels()) === '', 'it does not');
    });
  });

  it('takes the name that is given', () => {
    expect([create().name, create({ name: 'shared redis' }).name]).toEqual(['redis', 'shared redis']);
  });

  it(`says what is wrong with its options (${name})`, () => {
    expect(() => create({ prefix: 'a{b}' })).toThrow('redisStore({ prefix }) is "a{b}". Give up to 100 letters');
    expect(() => create({ schemaVersion: 'a b' })).toThrow('schemaVersion');
    expect(() => create({ maxItemBytes: 0.5 })).toThrow(
      'redisStore({ maxItemBytes }) is 0.5. Give a whole number of bytes',
    );
    expect(() => create({ hmacKey: 'short' })).toThrow('redisStore({ hmacKey }) is of 5 characters');
    expect(() => create({ client: {} as RedisStoreOptions['client'] })).toThrow(
      'redisStore({ client }) is no Redis client',
    );
    expect(() => create({ bus: true, subscriber: {} as RedisStoreOptions['client'] })).toThrow(
      'redisStore({ subscriber })',
    );
  });
});
