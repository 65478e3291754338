import { RedisAwayError } from './redis-away-error.ts';
import type { RedisCommand, RedisPort, RedisSubscriber } from './redis-port.ts';
import type { LuaScript } from './scripts.ts';

/** What the store asks of a server, over a client of either kind. */
export class RedisConnection {
  readonly #port: RedisPort;
  #wasReady = false;

  constructor(port: RedisPort) {
    this.#port = port;
  }

  /** PTTL of the first key, then MGET of all, in one round trip. In this order: see `RedisStore.read`. */
  async fetch(keys: readonly string[]): Promise<{ readonly pttlMs: unknown; readonly values: readonly unknown[] }> {
    this.#refuseIfAway();
    const [pttlMs, values] = await this.#port.sendBoth(['pttl', ...keys.slice(0, 1)], ['mget', ...keys]);
    return { pttlMs, values: listOf(values) };
  }

  async mget(keys: readonly string[]): Promise<readonly unknown[]> {
    return listOf(await this.#send(['mget', ...keys]));
  }

  /** Runs a script by its hash. A server that does not know it (new, restarted, or flushed) is sent the text, which it then keeps. */
  async evaluate({ sha1, text }: LuaScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#send(['evalsha', sha1, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await this.#send(['eval', text, ...rest]);
    }
  }

  /** The same for a script that replies with a list. */
  async evaluateList(script: LuaScript, keys: readonly string[], args: readonly string[]): Promise<readonly unknown[]> {
    return listOf(await this.evaluate(script, keys, args));
  }

  /** A further connection of the same settings, which the caller closes. */
  openSubscriber(): RedisSubscriber {
    return this.#port.openSubscriber();
  }

  /** Calls one or the other from now on, whenever the client gets ready and when it is closed for good. */
  watch(onReady: () => void, onEnd: () => void): () => void {
    const { client } = this.#port;
    client.on('ready', onReady);
    client.on('end', onEnd);
    return () => {
      client.off('ready', onReady);
      client.off('end', onEnd);
    };
  }

  async #send(command: RedisCommand): Promise<unknown> {
    this.#refuseIfAway();
    return await this.#port.send(command);
  }

  /** Before the first connection commands may wait: an application that starts is not one that lost its server. */
  #refuseIfAway(): void {
    if (this.#port.isReady()) this.#wasReady = true;
    else if (this.#wasReady) throw new RedisAwayError('The Redis client has lost its connection.');
  }
}

function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}
