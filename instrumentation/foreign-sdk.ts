import { context, propagation, ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api';
import { describeApiCaller } from './api-caller.ts';

/** Where OpenTelemetry's API keeps what is registered, shared by all its copies of the same major version. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');
const TRACING = ['trace', 'context', 'propagation'] as const;

type Registry = Record<string, unknown>;
type GlobalScope = typeof globalThis & { [REGISTRY]?: Registry | undefined };

const scope = globalThis as GlobalScope;

/** The tracer provider that some SDK has registered, through whatever version of the API. */
export function registeredTracerProvider(): TracerProvider | undefined {
  return scope[REGISTRY]?.['trace'] as TracerProvider | undefined;
}

export interface ForeignSdkEvents {
  /** The application starts an SDK, and what was ours is gone. Runs inside the application's call and must not throw. */
  onForeignSdk(): void;
  /** The API refused it all the same; told when the application's call has returned. */
  onRefused(): void;
}

/**
 * OpenTelemetry's registry while our SDK stands in it. The API refuses a second SDK, and registrations of every copy of
 * another version than the first one's: beside ours the application's spans, metrics and logs would go nowhere. So the
 * registry answers each copy as it would without us, and is handed over when the application starts an SDK for tracing.
 *
 * Before each registration the API assigns the registry anew: a setter on that one global property sees it coming. What the
 * API looks at next is the registry's `version`.
 */
export class HeldRegistry {
  /** What the application had registered before us, its `version` included. */
  readonly #before: Readonly<Registry> = scope[REGISTRY] ?? {};
  #ours: Readonly<Registry> = {};
  #held: Registry | undefined;
  /** Of our copy of the API. */
  #ourVersion: unknown;
  /** Without us the first to register sets the version for all. */
  #appVersion: unknown = this.#before['version'];
  /** For the one check that follows a registration. */
  #nextVersion: unknown;
  /** The answer to every other one. The API asks at each of its calls, several times for one span. */
  #usualVersion: unknown;

  /** Takes the application's registry aside, for our copy of the API may be of another version. Call before our SDK is made. */
  constructor() {
    delete scope[REGISTRY];
  }

  /** Call when our SDK is registered. */
  watch(events: ForeignSdkEvents): void {
    const { version, ...registered } = scope[REGISTRY] ?? {};
    const { version: _, ...before } = this.#before;
    this.#ourVersion = version;
    this.#ours = Object.fromEntries(Object.entries(registered).filter(([name]) => !(name in before)));
    const held = Object.defineProperty({ ...before, ...this.#ours }, 'version', {
      configurable: true,
      enumerable: true,
      get: () => this.#version(),
    });
    this.#held = held;
    Object.defineProperty(scope, REGISTRY, {
      configurable: true,
      enumerable: true,
      get: () => held,
      set: (value: Registry | undefined): void => {
        this.#onRegistration(value, events);
      },
    });
  }

  /** Takes out what is ours. Has no effect once the registry was handed over. */
  release(): void {
    if (this.#held === undefined) return;
    if ('trace' in this.#ours) trace.disable();
    if ('context' in this.#ours) context.disable();
    if ('propagation' in this.#ours) propagation.disable();
    this.#putBack();
  }

  #version(): unknown {
    const next = this.#nextVersion;
    if (next === undefined) return (this.#usualVersion ??= later(this.#ourVersion, this.#appVersion));
    this.#nextVersion = undefined;
    return next;
  }

  #onRegistration(value: Registry | undefined, events: ForeignSdkEvents): void {
    const held = this.#held;
    if (held === undefined) return;
    if (value !== held) {
      // Somebody replaces the registry as a whole, and our SDK with it.
      this.#putBack();
      scope[REGISTRY] = value;
      events.onForeignSdk();
      return;
    }
    const { isTracing, version } = describeApiCaller();
    this.#appVersion ??= version;
    this.#usualVersion = undefined;
    this.#nextVersion = this.#appVersion;
    // Refused without us as well: the application's own copies of the API disagree.
    const isRefused = version !== undefined && version !== this.#appVersion;
    if (isTracing && !isRefused) this.#handOver(held, events);
  }

  /**
   * Gives the application a registry that never was ours. The call that is under way holds ours and writes into it: that
   * goes on to the new one. A copy of the API that may not read the new one, by its version, does not know it from before.
   */
  #handOver(held: Registry, events: ForeignSdkEvents): void {
    const version = this.#appVersion ?? this.#ourVersion;
    let isAccepted = false;
    const ourProxy = trace.getTracerProvider();
    this.#putBack();
    Object.defineProperty(held, 'version', { value: version });
    for (const name of TRACING) {
      Object.defineProperty(held, name, {
        get: () => scope[REGISTRY]?.[name],
        set(instance: unknown) {
          isAccepted = true;
          (scope[REGISTRY] ??= { version })[name] = instance;
        },
      });
    }
    // Our copy of the API keeps it for those whom the new registry does not serve.
    if (ourProxy instanceof ProxyTracerProvider) ourProxy.setDelegate(new ProxyTracerProvider());
    events.onForeignSdk();
    queueMicrotask(() => {
      if (!isAccepted) events.onRefused();
    });
  }

  /** The registry as it would be without us: the application's entries and version, or none. */
  #putBack(): void {
    const { version: _, ...entries } = this.#held ?? {};
    for (const [name, instance] of Object.entries(this.#ours)) {
      if (entries[name] === instance) delete entries[name];
    }
    this.#held = undefined;
    delete scope[REGISTRY];
    if (this.#appVersion === undefined && Object.keys(entries).length === 0) return;
    scope[REGISTRY] = { version: this.#appVersion ?? this.#ourVersion, ...entries };
  }
}

/** Copies of the API read a registry of their own version or a later one. */
function later(one: unknown, other: unknown): unknown {
  return String(other ?? '').localeCompare(String(one ?? ''), 'en', { numeric: true }) > 0 ? other : one;
}
