import type { LuaScript } from './scripts.ts';

/** What the store asks of a client, in the same words for each kind of client. Replies are strings, numbers, null or lists. */
export interface RedisConnection {
  /** PTTL of the first key, then MGET of all, in one round trip. In this order: see `RedisStore.read`. */
  fetch(keys: readonly string[]): Promise<{ readonly pttlMs: unknown; readonly values: readonly unknown[] }>;
  mget(keys: readonly string[]): Promise<readonly unknown[]>;
  /** EVALSHA, and EVAL once for a server that does not know the script. */
  evaluate(script: LuaScript, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** A further connection of the same settings, which the caller closes. */
  openSubscriber(): RedisSubscriber;
  /** Calls one or the other from now on, whenever the client gets ready and when it is closed for good. */
  watch(onReady: () => void, onEnd: () => void): () => void;
}

/** A connection that listens. It subscribes again by itself after each reconnect. */
export interface RedisSubscriber {
  /** `onSubscribed` is called each time that the subscription has taken effect. Call once. */
  start(channel: string, onMessage: (text: string) => void, onSubscribed: () => void): void;
  /** Resolves when the server answered on this connection. */
  ping(): Promise<unknown>;
  /** It will not connect again. */
  isClosed(): boolean;
  /** Stops listening; closes the connection if it was opened for this. Never throws. */
  close(): void;
}
