/** Where OpenTelemetry's API keeps what is registered, shared by all its copies of the same major version. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');
const OURS = ['trace', 'context', 'propagation'] as const;
/** The public methods of the API through which an SDK registers itself. */
const REGISTRATION = /\bsetGlobal(?:TracerProvider|ContextManager|Propagator)\b/;

type Registry = Partial<Record<(typeof OURS)[number], unknown>>;
type GlobalScope = typeof globalThis & { [REGISTRY]?: Registry };

/** True when some SDK has registered a tracer provider already. */
export function isSdkRegistered(): boolean {
  return (globalThis as GlobalScope)[REGISTRY]?.trace !== undefined;
}

/**
 * Watches for an SDK that the application starts after ours, and gives it the place: OpenTelemetry's API would refuse the
 * second one, and the application's spans would go nowhere. Before each registration the API assigns its registry object anew,
 * so a setter on that one global property sees it coming; what we had registered is taken out before the API looks.
 *
 * `onForeignSdk` runs inside the application's call and must not throw. Returns the end of the watch.
 */
export function watchForForeignSdk(onForeignSdk: () => void): () => void {
  const scope = globalThis as GlobalScope;
  let registry = scope[REGISTRY];
  const stop = (): void => {
    Object.defineProperty(scope, REGISTRY, { value: registry, writable: true, enumerable: true, configurable: true });
  };
  Object.defineProperty(scope, REGISTRY, {
    configurable: true,
    enumerable: true,
    get: () => registry,
    set(value: Registry | undefined) {
      registry = value;
      // A logger or a meter provider may be registered beside ours: only tracing is refused twice.
      if (!REGISTRATION.test(shortStack())) return;
      stop();
      for (const name of OURS) delete registry?.[name];
      onForeignSdk();
    },
  });
  return stop;
}

/** The last few calls, whatever limit the application has set on stacks. */
function shortStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 8;
  const { stack } = new Error('registration');
  Error.stackTraceLimit = limit;
  return stack ?? '';
}
