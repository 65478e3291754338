import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import type { Context, ContextManagementToken, ContextManager } from '@opentelemetry/api';
import { LEAN_ROOT_CONTEXT } from './lean-context.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Emit = EventEmitter['emit'];

/** Emitters that are bound already: as with OpenTelemetry's own manager, the first context stays. */
const bound = new WeakSet<EventEmitter>();

/**
 * OpenTelemetry's contexts on AsyncLocalStorage, as its own manager has them, without the two things that cost: entering the
 * context that is active already, which copies a Map twice, and a wrapper for each of eight methods of a bound emitter.
 */
export class LeanContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? LEAN_ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    if (this.#storage.getStore() === context) return fn.apply(thisArg, args);
    const run = thisArg === undefined || thisArg === null ? fn : (fn.bind(thisArg) as F);
    return this.#storage.run(context, run, ...args);
  }

  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) return this.#bindEmitter(context, target);
    return typeof target === 'function' ? (this.#bindFunction(context, target as AnyFunction) as T) : target;
  }

  attach(context: Context): ContextManagementToken {
    const before = this.#storage.getStore();
    let isAttached = true;
    this.#storage.enterWith(context);
    return {
      dispose: () => {
        if (isAttached) this.#storage.enterWith(before as Context);
        isAttached = false;
      },
    };
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }

  #bindFunction(context: Context, target: AnyFunction): AnyFunction {
    const storage = this.#storage;
    const boundFunction = function (this: unknown, ...args: unknown[]): unknown {
      if (storage.getStore() === context) return target.apply(this, args);
      return storage.run(context, () => target.apply(this, args));
    };
    // Express counts the parameters of its handlers.
    return Object.defineProperty(boundFunction, 'length', { configurable: true, value: target.length });
  }

  /** Its listeners run in the context whoever emits, those of before included. */
  #bindEmitter<T extends EventEmitter>(context: Context, emitter: T): T {
    if (bound.has(emitter)) return emitter;
    bound.add(emitter);
    const storage = this.#storage;
    // oxlint-disable-next-line unbound-method -- called with the emitter as `this` below.
    const emit = emitter.emit as (this: unknown, ...args: unknown[]) => boolean;
    emitter.emit = function (this: EventEmitter, ...args: unknown[]): boolean {
      if (storage.getStore() === context) return emit.apply(this, args);
      return storage.run(context, () => emit.apply(this, args));
    } as Emit;
    return emitter;
  }
}
