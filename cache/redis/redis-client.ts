/**
 * What is used of an ioredis client, version 5 or newer: a `Redis` or a `Cluster`. Written out, because a type imported from an
 * optional peer would break the build of those who use the other client.
 */
export interface IoredisClient {
  readonly status: string;
  /** A `Cluster` has none of its own. */
  readonly stream?: { unref?(): void };
  call(command: string, args: string[]): Promise<unknown>;
  pipeline(commands: [name: string, ...args: unknown[]][]): {
    exec(): Promise<[error: Error | null, result: unknown][] | null>;
  };
  duplicate(): IoredisClient;
  connect(): Promise<void>;
  disconnect(): void;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** What is used of a client of node-redis (`redis` or `@redis/client`), version 5 or newer, made by `createClient`. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
  duplicate(): NodeRedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  unref(): void;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  unsubscribe(channel: string, listener: (message: string) => void): Promise<void>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A client that the application made, configured and will close. */
export type RedisClient = IoredisClient | NodeRedisClient;
