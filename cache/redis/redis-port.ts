import type { RedisClient } from './redis-client.ts';

/** A command in lower case and its arguments. */
export type RedisCommand = readonly [name: string, ...args: string[]];

/**
 * Where the kinds of clients differ. Names of commands are in lower case: older versions of ioredis 5 add a client's `keyPrefix` to
 * the keys of no others. Replies are strings, numbers, null, or lists of them.
 */
export interface RedisPort {
  readonly client: Pick<RedisClient, 'on' | 'off'>;
  isReady(): boolean;
  send(command: RedisCommand): Promise<unknown>;
  /** Two commands, one after the other, in one round trip. */
  sendBoth(first: RedisCommand, second: RedisCommand): Promise<readonly [unknown, unknown]>;
  openSubscriber(): RedisSubscriber;
}

export interface SubscriptionListener {
  onMessage(text: string): void;
  /** The subscription has taken effect, at first or again. */
  onSubscribed(): void;
  /** From now on nothing is heard. */
  onLost(): void;
}

/** A connection that listens. It subscribes again by itself after each reconnect. */
export interface RedisSubscriber {
  /** Call once. */
  start(channel: string, listener: SubscriptionListener): void;
  /** Resolves when the server answered on this connection. */
  ping(): Promise<unknown>;
  /** It will not connect again. */
  isClosed(): boolean;
  /** Stops listening; closes the connection if it was opened for this. */
  close(): void;
}
