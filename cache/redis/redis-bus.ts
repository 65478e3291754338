import type { SetTimer } from '../set-timer.ts';
import type { StoreMessage } from '../store.ts';
import { randomId } from './random-id.ts';
import type { RedisSubscriber } from './redis-port.ts';

export interface RedisBusOptions {
  readonly channel: string;
  readonly open: () => RedisSubscriber;
  /** Whether the application's own client is in use: once it was closed, nothing here connects or keeps the process alive. */
  readonly watch: (onReady: () => void, onEnd: () => void) => () => void;
  readonly setTimer: SetTimer;
  /** How often the connection is tried, in ms, and how long it may be silent before first tiers are told not to rely on it. */
  readonly silenceMs: number;
}

/**
 * Tells of what other processes delete and invalidate. Redis keeps no message for those who are away, so `everything` is told when
 * the subscription takes effect, at first and after each reconnect, and again and again while the server is silent: a value in a
 * first tier is never older than that silence.
 */
export class RedisBus {
  readonly #options: RedisBusOptions;
  /** By which a process knows its own messages. */
  readonly #origin = randomId();
  readonly #listeners = new Set<(message: StoreMessage) => void>();
  #subscriber: RedisSubscriber | undefined;
  #cancelTimer: () => void = () => {};
  #unwatch: () => void = () => {};
  #isSubscribed = false;
  /** In this period. */
  #isHeard = false;
  #isEnded = false;
  faultCount = 0;

  constructor(options: RedisBusOptions) {
    this.#options = options;
  }

  /** What to publish, in the same step as the change itself. */
  messageOf(kind: StoreMessage['kind'], names: readonly string[]): string {
    return JSON.stringify([this.#origin, kind, ...names]);
  }

  subscribe(listener: (message: StoreMessage) => void): () => void {
    // Wrapped, because one function may be subscribed twice.
    const own = (message: StoreMessage): void => listener(message);
    this.#listeners.add(own);
    this.#start();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  dispose(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    if (this.#listeners.size > 1) return;
    this.#unwatch = this.#options.watch(
      () => {
        this.#isEnded = false;
        if (this.#subscriber === undefined) this.#connect();
      },
      () => {
        this.#isEnded = true;
        this.#close();
      },
    );
    this.#connect();
    this.#watchSilence();
  }

  #stop(): void {
    this.#unwatch();
    this.#cancelTimer();
    this.#close();
  }

  #connect(): void {
    try {
      const subscriber = this.#options.open();
      this.#subscriber = subscriber;
      subscriber.start(this.#options.channel, {
        onMessage: (text) => this.#take(text),
        onSubscribed: () => {
          this.#isSubscribed = true;
          this.#isHeard = true;
          this.#tell({ kind: 'everything' });
        },
        onLost: () => this.#lose(),
      });
    } catch {
      // Called from timers and events of the client: it is tried again after the next silence.
      this.faultCount++;
    }
  }

  #close(): void {
    try {
      this.#subscriber?.close();
    } catch {
      this.faultCount++;
    }
    this.#subscriber = undefined;
    this.#lose();
  }

  #lose(): void {
    this.#isSubscribed = false;
    this.#isHeard = false;
  }

  /** From the second silent period on, values of first tiers may have been invalidated unheard. */
  #watchSilence(): void {
    this.#cancelTimer = this.#options.setTimer(
      () => {
        if (!this.#isHeard) {
          this.faultCount++;
          this.#tell({ kind: 'everything' });
        }
        this.#isHeard = false;
        if (this.#subscriber?.isClosed()) this.#close();
        if (this.#subscriber === undefined && !this.#isEnded) this.#connect();
        this.#ping();
        this.#watchSilence();
      },
      this.#options.silenceMs,
      false,
    );
  }

  #ping(): void {
    const subscriber = this.#subscriber;
    subscriber?.ping().then(
      () => {
        // A server may answer that does not let us subscribe.
        if (subscriber === this.#subscriber && this.#isSubscribed) this.#isHeard = true;
      },
      () => {},
    );
  }

  #take(text: string): void {
    const message: unknown = parse(text);
    if (!Array.isArray(message) || !message.every((part) => typeof part === 'string')) {
      // What cannot be understood may have been an invalidation.
      this.faultCount++;
      return this.#tell({ kind: 'everything' });
    }
    const [origin, kind, ...names] = message as string[];
    if (origin === this.#origin) return;
    if (kind === 'key') for (const key of names) this.#tell({ kind, key });
    else if (kind === 'tag') for (const tag of names) this.#tell({ kind, tag });
    else this.#tell({ kind: 'everything' });
  }

  #tell(message: StoreMessage): void {
    for (const listener of this.#listeners) {
      try {
        listener(message);
      } catch {
        // The client that called us must not see what a listener throws.
        this.faultCount++;
      }
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
