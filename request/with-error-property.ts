type Tunable = 'stackTraceLimit' | 'prepareStackTrace';

/** As it was at the start: V8 reads the properties of that one, whatever the global name stands for later. */
const NativeError = Error;

/**
 * Runs `run` while a property of the global `Error` has another value, and puts it back exactly as it was. `undefined` and
 * no run where it cannot be changed and put back: `Error` is frozen, or the application made an accessor of it, there or on
 * what `Error` inherits from.
 */
export function withErrorProperty<T>(name: Tunable, value: unknown, run: () => T): T | undefined {
  const before = Object.getOwnPropertyDescriptor(NativeError, name);
  if (before === undefined ? !canBeAdded(name) : before.writable !== true) return undefined;
  const tunable = NativeError as unknown as Record<string, unknown>;
  tunable[name] = value;
  try {
    return run();
  } finally {
    if (before === undefined) delete tunable[name];
    else tunable[name] = before.value;
  }
}

/** Setting what is inherited as an accessor would call the application's function, and add nothing. */
function canBeAdded(name: Tunable): boolean {
  if (!Object.isExtensible(NativeError)) return false;
  for (let holder = prototypeOf(NativeError); holder !== null; holder = prototypeOf(holder)) {
    const inherited = Object.getOwnPropertyDescriptor(holder, name);
    if (inherited !== undefined) return inherited.writable === true;
  }
  return true;
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
