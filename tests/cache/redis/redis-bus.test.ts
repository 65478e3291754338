import { beforeEach, describe, expect, it } from 'vitest';
import { RedisBus } from '../../../cache/redis/redis-bus.ts';
import type { RedisSubscriber, SubscriptionListener } from '../../../cache/redis/redis-port.ts';
import type { StoreMessage } from '../../../cache/store.ts';
import { FakeTimers } from '../fake-timers.ts';

/** A connection that falls silent when it is told to: a server's cable cannot be pulled in a test. */
class Connection implements RedisSubscriber {
  answers = true;
  closed = false;
  listener: SubscriptionListener | undefined;

  start(_channel: string, listener: SubscriptionListener): void {
    this.listener = listener;
  }
  ping(): Promise<unknown> {
    return this.answers ? Promise.resolve() : Promise.reject(new Error('not connected'));
  }
  isClosed(): boolean {
    return this.closed;
  }
  close(): void {
    this.closed = true;
  }
}

let time: FakeTimers;
let connections: Connection[];
let heard: StoreMessage[];
let bus: RedisBus;
let client: { ready(): void; end(): void } | undefined;
let canOpen: boolean;

beforeEach(() => {
  time = new FakeTimers();
  connections = [];
  heard = [];
  canOpen = true;
  bus = new RedisBus({
    channel: 'bus',
    silenceMs: 5000,
    setTimer: time.setTimer,
    open: () => {
      if (!canOpen) throw new Error('of the client');
      const connection = new Connection();
      connections.push(connection);
      return connection;
    },
    watch: (ready, end) => {
      client = { ready, end };
      return () => (client = undefined);
    },
  });
});

const everythings = (): number => heard.filter(({ kind }) => kind === 'everything').length;
const listen = () => bus.subscribe((message) => void heard.push(message));

describe('the bus over a server that answers', () => {
  it('tells of nothing but what it hears', async () => {
    listen();
    connections[0]?.listener?.onSubscribed();
    await time.pass(60_000);
    expect(heard).toEqual([{ kind: 'everything' }]);
    expect(bus.faultCount).toBe(0);
    connections[0]?.listener?.onMessage(JSON.stringify(['somebody', 'tag', 't', '__proto__']));
    connections[0]?.listener?.onMessage(bus.messageOf('key', ['own']));
    expect(heard.slice(1)).toEqual([
      { kind: 'tag', tag: 't' },
      { kind: 'tag', tag: '__proto__' },
    ]);
  });

  it('keeps no process alive, and leaves no timer', async () => {
    const stop = listen();
    expect(time.timers.map(({ keepsAlive }) => keepsAlive)).toEqual([false]);
    stop();
    expect(time.timers).toEqual([]);
    expect(connections.map(({ closed }) => closed)).toEqual([true]);
    expect(client).toBeUndefined();
  });
});

describe('the bus over a server that is silent', () => {
  it('tells "everything" each 5 s, until it answers', async () => {
    listen();
    await time.pass(20_000);
    expect(everythings()).toBe(4);
    connections[0]?.listener?.onSubscribed();
    await time.pass(20_000);
    expect(everythings()).toBe(5);
    if (connections[0]) connections[0].answers = false;
    await time.pass(20_000);
    // What was heard in the first 5 s holds for them.
    expect(everythings()).toBe(8);
    expect(bus.faultCount).toBe(7);
  });

  it('relies on no connection that has lost its subscription, though the server answers', async () => {
    listen();
    connections[0]?.listener?.onSubscribed();
    connections[0]?.listener?.onLost();
    await time.pass(20_000);
    expect(everythings()).toBe(5);
  });

  it('opens another connection when the client has given up the first', async () => {
    listen();
    if (connections[0]) connections[0].closed = true;
    await time.pass(5000);
    expect(connections).toHaveLength(2);
    connections[1]?.listener?.onSubscribed();
    connections[1]?.listener?.onMessage(JSON.stringify(['somebody', 'key', 'k']));
    expect(heard.at(-1)).toEqual({ kind: 'key', key: 'k' });
  });

  it('tries again when no connection can be opened', async () => {
    canOpen = false;
    listen();
    await time.pass(10_000);
    expect(connections).toEqual([]);
    canOpen = true;
    await time.pass(5000);
    expect(connections).toHaveLength(1);
  });
});

describe('the bus of a client that the application closes', () => {
  it('closes, connects no more, and listens again with the client', async () => {
    listen();
    client?.end();
    await time.pass(30_000);
    expect(connections.map(({ closed }) => closed)).toEqual([true]);
    expect(everythings()).toBe(6);
    client?.ready();
    client?.ready();
    expect(connections).toHaveLength(2);
  });
});
