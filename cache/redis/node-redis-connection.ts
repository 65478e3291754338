import { evaluate } from './evaluate.ts';
import { NodeRedisSubscriber } from './node-redis-subscriber.ts';
import { RedisAwayError } from './redis-away-error.ts';
import type { NodeRedisClient } from './redis-client.ts';
import type { RedisConnection, RedisSubscriber } from './redis-connection.ts';
import type { LuaScript } from './scripts.ts';

/**
 * The store's commands on a client of node-redis. They are sent as they are: its methods for single commands may answer from a
 * client-side cache, which learns of a change after it was made.
 */
export class NodeRedisConnection implements RedisConnection {
  readonly #client: NodeRedisClient;
  #wasReady = false;

  constructor(client: NodeRedisClient) {
    this.#client = client;
  }

  async fetch(keys: readonly string[]): ReturnType<RedisConnection['fetch']> {
    // Commands of one turn of the event loop leave in one piece.
    const [pttlMs, values] = await Promise.all([this.#send('PTTL', keys.slice(0, 1)), this.mget(keys)]);
    return { pttlMs, values };
  }

  async mget(keys: readonly string[]): Promise<readonly unknown[]> {
    const values = await this.#send('MGET', keys);
    return Array.isArray(values) ? values : [];
  }

  async evaluate(script: LuaScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return await evaluate((command, all) => this.#send(command, all), script, keys, args);
  }

  openSubscriber(): RedisSubscriber {
    return new NodeRedisSubscriber(this.#client.duplicate(), { owned: true });
  }

  watch(onReady: () => void, onEnd: () => void): () => void {
    this.#client.on('ready', onReady);
    this.#client.on('end', onEnd);
    return () => {
      this.#client.off('ready', onReady);
      this.#client.off('end', onEnd);
    };
  }

  async #send(command: string, args: readonly string[]): Promise<unknown> {
    if (this.#client.isReady) this.#wasReady = true;
    else if (this.#wasReady) throw new RedisAwayError('The client of node-redis is not connected.');
    return await this.#client.sendCommand([command, ...args]);
  }
}
