import type { RedisClient } from './redis-client.ts';

/** Where the kinds of clients differ. Replies are strings, numbers, null, or lists of them. */
export interface RedisPort {
  readonly client: Pick<RedisClient, 'on' | 'off'>;
  isReady(): boolean;
  send(command: readonly string[]): Promise<unknown>;
  /** Two commands, one after the other, in one round trip. */
  sendBoth(first: readonly string[], second: readonly string[]): Promise<readonly [unknown, unknown]>;
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
