import type { FaultLog } from '../core/fault-log.ts';
import { isSignalExitLoaded } from './signal-exit-loaded.ts';

/** The signals that end a process and that an orchestrator or a terminal sends. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
export type EndSignal = (typeof SIGNALS)[number];

/** `end`: nobody else listens. `drain`: somebody does, and there is room beside. `none`: to be in the list would be noticed. */
type Role = 'end' | 'drain' | 'none';

export interface SignalActions {
  /** A signal that nobody else handles: to end the process by it is ours. */
  readonly end: (signal: EndSignal) => void;
  /** A signal that the application handles: when the process ends is not ours. */
  readonly drain: (signal: EndSignal) => void;
}

type Placed = { readonly role: Role; readonly listener: NodeJS.SignalsListener | undefined };

/**
 * Our place in the process's lists of signal listeners. It follows the application's listeners as they come and go, for a look
 * at the list when the signal comes is too late: a listener by `once` has left it by then. It steps out where it would be
 * noticed: libraries on `signal-exit` end the process only if they are alone, and Node warns of an eleventh listener.
 */
export class SignalPlace {
  readonly #actions: SignalActions;
  readonly #faults: FaultLog;
  /** Every listener that was ever ours: the application may take them out and put them back. */
  readonly #own = new WeakSet<object>();
  readonly #placed = new Map<EndSignal, Placed>();
  #isInstalled = false;

  constructor(actions: SignalActions, faults: FaultLog) {
    this.#actions = actions;
    this.#faults = faults;
  }

  install(): void {
    this.#isInstalled = true;
    for (const signal of SIGNALS) this.#place(signal, this.#wantedRole(signal, this.#foreignCount(signal)));
    process.on('newListener', this.#onAdded);
    process.on('removeListener', this.#onRemoved);
  }

  remove(): void {
    this.#isInstalled = false;
    process.removeListener('newListener', this.#onAdded);
    process.removeListener('removeListener', this.#onRemoved);
    for (const signal of SIGNALS) {
      this.#placed.delete(signal);
      this.#takeOut(signal);
    }
  }

  /** Called before the listener is in the list. */
  readonly #onAdded = (type: string | symbol, listener: unknown): void => {
    this.#follow(type, listener, (signal) => {
      const others = this.#foreignCount(signal);
      // Never out of the list while it would be empty: a signal that has come and waits for this tick to end would be lost.
      this.#place(signal, others === 0 ? 'drain' : this.#wantedRole(signal, others + 1));
    });
  };

  readonly #onRemoved = (type: string | symbol, listener: unknown): void => {
    this.#follow(type, listener, (signal) => this.#settle(signal));
  };

  #follow(type: string | symbol, listener: unknown, step: (signal: EndSignal) => void): void {
    try {
      const signal = SIGNALS.find((name) => name === type);
      if (signal === undefined || (typeof listener === 'function' && this.#own.has(listener))) return;
      step(signal);
      // What was announced may not have happened, and signal-exit counts itself out after it has left the lists.
      queueMicrotask(() => this.#settle(signal));
    } catch (thrown) {
      this.#faults.caught('signal listeners', thrown);
    }
  }

  /** Puts our listener where the list, as it is now, wants it. */
  #settle(signal: EndSignal): void {
    try {
      if (this.#isInstalled) this.#place(signal, this.#wantedRole(signal, this.#foreignCount(signal)));
    } catch (thrown) {
      this.#faults.caught('signal listeners', thrown);
    }
  }

  #foreignCount(signal: EndSignal): number {
    return process.listeners(signal).filter((listener) => !this.#own.has(listener)).length;
  }

  #wantedRole(signal: EndSignal, foreignCount: number): Role {
    if (foreignCount === 0) return 'end';
    // Zero stands for no limit.
    const countMax = process.getMaxListeners() || Infinity;
    return foreignCount >= countMax || isSignalExitLoaded() ? 'none' : 'drain';
  }

  #place(signal: EndSignal, role: Role): void {
    if (this.#placed.get(signal)?.role === role) return;
    const listener = role === 'none' ? undefined : this.#createListener(signal, role);
    this.#placed.set(signal, { role, listener });
    // First in, then out: with an empty list between, Node would give the signal back to the system.
    if (listener !== undefined) process.on(signal, listener);
    this.#takeOut(signal, listener);
  }

  /** Takes all of ours but one out of the list. */
  #takeOut(signal: EndSignal, except?: NodeJS.SignalsListener): void {
    for (const other of process.listeners(signal)) {
      if (other !== except && this.#own.has(other)) process.removeListener(signal, other);
    }
  }

  #createListener(signal: EndSignal, role: Role): NodeJS.SignalsListener {
    const listener = (): void => {
      try {
        if (role === 'drain') this.#actions.drain(signal);
        // One that has been replaced and is called all the same was put back by the application.
        else if (this.#placed.get(signal)?.listener === listener) this.#actions.end(signal);
      } catch (thrown) {
        this.#faults.caught('signal', thrown);
      }
    };
    this.#own.add(listener);
    return listener;
  }
}
