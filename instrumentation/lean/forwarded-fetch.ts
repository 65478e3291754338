import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../../core/fault-log.ts';

const CREATED = 'undici:request:create';

type OnMessage = (message: unknown) => void;
/** The member of the official class that this one overrides. */
interface Subscribing extends Instrumentation {
  subscribeToChannel(channel: string, onMessage: OnMessage): void;
}
export type UndiciClass = new (config: object) => Subscribing;

/**
 * Loads the official instrumentation of `fetch` when the application fetches for the first time. It hears of that request
 * too: whether whoever subscribes while a message is published gets it is different from one Node to the other.
 */
export class ForwardedFetch {
  readonly #load: (derive: (official: UndiciClass) => UndiciClass) => void;
  readonly #faults: FaultLog;
  #deliver: OnMessage | undefined;

  /** `load` makes the instrumentation, of the class that the given function derives. */
  constructor(load: (derive: (official: UndiciClass) => UndiciClass) => void, faults: FaultLog) {
    this.#load = load;
    this.#faults = faults;
  }

  install(): void {
    if (this.#deliver === undefined) subscribe(CREATED, this.#onFirst);
  }

  remove(): void {
    unsubscribe(CREATED, this.#onFirst);
  }

  readonly #onFirst = (message: unknown): void => {
    try {
      unsubscribe(CREATED, this.#onFirst);
      this.#load((official) => this.#derive(official));
      this.#deliver?.(message);
    } catch (thrown) {
      this.#faults.caught('fetch', thrown);
    }
  };

  #derive(official: UndiciClass): UndiciClass {
    const take = (onMessage: OnMessage): OnMessage => {
      let last: unknown;
      this.#deliver = (message) => {
        if (message === last) return;
        last = message;
        onMessage(message);
      };
      return this.#deliver;
    };
    return class extends official {
      override subscribeToChannel(channel: string, onMessage: OnMessage): void {
        super.subscribeToChannel(channel, channel === CREATED ? take(onMessage) : onMessage);
      }
    };
  }
}
