import { evaluate } from './evaluate.ts';
import { IoredisSubscriber } from './ioredis-subscriber.ts';
import { RedisAwayError } from './redis-away-error.ts';
import type { IoredisClient } from './redis-client.ts';
import type { RedisConnection, RedisSubscriber } from './redis-connection.ts';
import type { LuaScript } from './scripts.ts';

/** The store's commands on a client of ioredis. */
export class IoredisConnection implements RedisConnection {
  readonly #client: IoredisClient;
  #wasReady = false;

  constructor(client: IoredisClient) {
    this.#client = client;
  }

  async fetch(keys: readonly string[]): ReturnType<RedisConnection['fetch']> {
    this.#refuseIfAway();
    const replies = await this.#client
      .pipeline([
        ['pttl', keys[0]],
        ['mget', ...keys],
      ])
      .exec();
    const [[pttlError, pttlMs] = [], [mgetError, values] = []] = replies ?? [];
    const error = pttlError ?? mgetError;
    if (error) throw error;
    return { pttlMs, values: Array.isArray(values) ? values : [] };
  }

  async mget(keys: readonly string[]): Promise<readonly unknown[]> {
    const values = await this.#send('MGET', [...keys]);
    return Array.isArray(values) ? values : [];
  }

  async evaluate(script: LuaScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return await evaluate((command, all) => this.#send(command, all), script, keys, args);
  }

  openSubscriber(): RedisSubscriber {
    return new IoredisSubscriber(this.#client.duplicate(), { owned: true });
  }

  watch(onReady: () => void, onEnd: () => void): () => void {
    this.#client.on('ready', onReady);
    this.#client.on('end', onEnd);
    return () => {
      this.#client.off('ready', onReady);
      this.#client.off('end', onEnd);
    };
  }

  async #send(command: string, args: string[]): Promise<unknown> {
    this.#refuseIfAway();
    return await this.#client.call(command, args);
  }

  #refuseIfAway(): void {
    if (this.#client.status === 'ready') this.#wasReady = true;
    else if (this.#wasReady) throw new RedisAwayError(`The client of ioredis is "${this.#client.status}".`);
  }
}
