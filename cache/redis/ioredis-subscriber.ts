import { RedisAwayError } from './redis-away-error.ts';
import type { IoredisClient } from './redis-client.ts';
import type { RedisSubscriber, SubscriptionListener } from './redis-port.ts';

/** A subscription over a client of ioredis that is used for nothing else, or only for other subscriptions. */
export class IoredisSubscriber implements RedisSubscriber {
  readonly #client: IoredisClient;
  readonly #owned: boolean;
  #stop: () => void = () => {};

  constructor(client: IoredisClient, { owned }: { readonly owned: boolean }) {
    this.#client = client;
    this.#owned = owned;
    if (!owned) return;
    // ioredis prints errors that nobody listens to; those of this connection are the bus's to notice.
    client.on('error', () => {});
    client.on('connect', () => client.stream?.unref?.());
  }

  start(channel: string, listener: SubscriptionListener): void {
    const client = this.#client;
    // After a reconnect, too: a client may be told not to subscribe again by itself.
    const subscribe = (): void => {
      client.subscribe(channel).then(
        () => listener.onSubscribed(),
        () => listener.onLost(),
      );
    };
    const take = (from: unknown, text: unknown): void => {
      if (from === channel && typeof text === 'string') listener.onMessage(text);
    };
    const lose = (): void => listener.onLost();
    client.on('message', take);
    client.on('close', lose);
    client.on('ready', subscribe);
    if (client.status === 'ready') subscribe();
    else if (client.status === 'wait') client.connect().catch(() => {});
    this.#stop = () => {
      client.off('message', take);
      client.off('close', lose);
      client.off('ready', subscribe);
      if (this.#owned) client.disconnect();
      else client.unsubscribe(channel).catch(() => {});
    };
  }

  async ping(): Promise<unknown> {
    // Otherwise the client would queue one after the other.
    if (this.#client.status !== 'ready') throw new RedisAwayError('The subscriber is not connected.');
    return await this.#client.call('PING', []);
  }

  isClosed(): boolean {
    return this.#client.status === 'end';
  }

  close(): void {
    this.#stop();
  }
}
