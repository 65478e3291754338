import { RedisAwayError } from './redis-away-error.ts';
import type { NodeRedisClient } from './redis-client.ts';
import type { RedisSubscriber, SubscriptionListener } from './redis-port.ts';

/** A subscription over a client of node-redis that is used for nothing else, or only for other subscriptions. */
export class NodeRedisSubscriber implements RedisSubscriber {
  readonly #client: NodeRedisClient;
  readonly #owned: boolean;
  #stop: () => void = () => {};
  #isClosed = false;

  constructor(client: NodeRedisClient, { owned }: { readonly owned: boolean }) {
    this.#client = client;
    this.#owned = owned;
    // Without a listener, an error of a connection would end the process.
    if (owned) client.on('error', () => {});
  }

  start(channel: string, listener: SubscriptionListener): void {
    const client = this.#client;
    let isSubscribed = false;
    const take = (text: string): void => listener.onMessage(text);
    const lose = (): void => listener.onLost();
    const subscribe = (): void => {
      // From then on node-redis subscribes again by itself before it says that it is ready.
      if (isSubscribed) return listener.onSubscribed();
      isSubscribed = true;
      client.subscribe(channel, take).then(
        () => listener.onSubscribed(),
        () => {
          isSubscribed = false;
          lose();
        },
      );
    };
    client.on('reconnecting', lose);
    client.on('ready', subscribe);
    if (client.isReady) subscribe();
    else if (this.#owned) client.connect().catch(() => (this.#isClosed = true));
    if (this.#owned) client.unref();
    this.#stop = () => {
      client.off('ready', subscribe);
      client.off('reconnecting', lose);
      if (this.#owned) client.destroy();
      else client.unsubscribe(channel, take).catch(() => {});
    };
  }

  async ping(): Promise<unknown> {
    // Otherwise the client would queue one after the other.
    if (!this.#client.isReady) throw new RedisAwayError('The subscriber is not connected.');
    return await this.#client.sendCommand(['PING']);
  }

  isClosed(): boolean {
    return this.#isClosed || (this.#owned && !this.#client.isOpen);
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }
}
