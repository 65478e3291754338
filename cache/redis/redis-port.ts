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

/** A connection that listens. It subscribes again by itself after each reconnect. */
export interface RedisSubscriber {
  /** `onSubscribed` is called each time that the subscription has taken effect. Call once. */
  start(channel: string, onMessage: (text: string) => void, onSubscribed: () => void): void;
  /** Resolves when the server answered on this connection. */
  ping(): Promise<unknown>;
  /** It will not connect again. */
  isClosed(): boolean;
  /** Stops listening; closes the connection if it was opened for this. */
  close(): void;
}
