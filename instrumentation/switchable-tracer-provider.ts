import {
  ProxyTracerProvider,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { registeredTracerProvider } from './foreign-sdk.ts';

/**
 * Hands out tracers that can move to another SDK. Instrumentations take their tracer when they are made, and an application
 * makes its own before it starts its SDK: without this, theirs would stay bound to ours after it has stepped aside.
 */
export class SwitchableTracerProvider implements TracerProvider {
  #target: TracerProvider | undefined;

  constructor(target: TracerProvider) {
    this.#target = target;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return new SwitchableTracer(() => this.#target, name, version, options);
  }

  /** From now on the tracers belong to whatever SDK is registered, and make no spans while none is. */
  letGo(): void {
    this.#target = undefined;
  }
}

class SwitchableTracer implements Tracer {
  readonly #target: () => TracerProvider | undefined;
  readonly #identity: readonly [string, string | undefined, TracerOptions | undefined];
  #provider: TracerProvider | undefined;
  #tracer: Tracer | undefined;

  constructor(
    target: () => TracerProvider | undefined,
    name: string,
    version: string | undefined,
    options: TracerOptions | undefined,
  ) {
    this.#target = target;
    this.#identity = [name, version, options];
  }

  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    return this.#current().startSpan(name, options, context);
  }

  startActiveSpan<Run extends (span: Span) => unknown>(...args: [string, ...unknown[], Run]): ReturnType<Run> {
    // The four overloads differ only in what stands between the name and the function; all of it is passed on.
    const tracer = this.#current() as { startActiveSpan(...all: unknown[]): ReturnType<Run> };
    return tracer.startActiveSpan(...args);
  }

  #current(): Tracer {
    const provider = this.#target() ?? registeredTracerProvider() ?? NO_SDK;
    if (this.#tracer === undefined || this.#provider !== provider) {
      this.#provider = provider;
      this.#tracer = provider.getTracer(...this.#identity);
    }
    return this.#tracer;
  }
}

/** A provider without an SDK behind it: its spans record nothing. */
const NO_SDK: TracerProvider = new ProxyTracerProvider();

/** Puts a switch between the registered SDK and everybody who asks for a tracer from now on. */
export function makeGlobalTracersSwitchable(): SwitchableTracerProvider {
  const registered = trace.getTracerProvider();
  const sdkProvider = registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered;
  const switchable = new SwitchableTracerProvider(sdkProvider);
  trace.disable();
  trace.setGlobalTracerProvider(switchable);
  return switchable;
}
