import type { Instrumentation } from '@opentelemetry/instrumentation';

type Wrapper = (original: HostFunction, name: string) => HostFunction;
type HostFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The patching members of the SDK's InstrumentationBase; protected there, and what its subclasses call. */
interface Patching {
  _wrap: (target: object, name: string, wrapper: Wrapper) => unknown;
  _unwrap: (target: object, name: string) => unknown;
}

/** Turns off everything that the given instrumentations patched, even where another one has patched on top of it. */
export interface InstrumentationSwitch {
  off(): void;
}

/**
 * Puts a switch into every function that the instrumentations patch. Unpatching cannot do this: when the application's own
 * OpenTelemetry has wrapped our wrappers, the library's `unwrap` takes off theirs and leaves ours.
 * `onPatch` is told whose module was found and patched.
 */
export function makeSwitchable(
  instrumentations: readonly Instrumentation[],
  onPatch: (instrumentationName: string) => void,
): InstrumentationSwitch {
  let isOn = true;
  for (const instrumentation of instrumentations) {
    const patching = instrumentation as unknown as Patching;
    const wrap = patching._wrap;
    patching._wrap = (target, name, wrapper) => {
      onPatch(instrumentation.instrumentationName);
      return wrap(target, name, (original, wrappedName) => {
        const patched = wrapper(original, wrappedName);
        return sameShape(patched, function (this: unknown, ...args) {
          return new.target === undefined
            ? (isOn ? patched : original).apply(this, args)
            : (Reflect.construct(isOn ? patched : original, args, new.target) as unknown);
        });
      });
    };
  }
  return {
    off() {
      isOn = false;
      for (const instrumentation of instrumentations) {
        (instrumentation as unknown as Patching)._unwrap = () => undefined;
        instrumentation.disable();
      }
    },
  };
}

/** Some libraries read `fn.length` or properties that the wrapper copied from the original. */
function sameShape(patched: HostFunction, switched: HostFunction): HostFunction {
  for (const key of Reflect.ownKeys(patched)) {
    const descriptor = Object.getOwnPropertyDescriptor(patched, key);
    if (descriptor !== undefined && (descriptor.configurable === true || !(key in switched))) {
      Reflect.defineProperty(switched, key, descriptor);
    }
  }
  // For a patched class: `new` and `instanceof` go by this object.
  if ('prototype' in patched) switched.prototype = patched.prototype as object;
  Object.setPrototypeOf(switched, Object.getPrototypeOf(patched) as object | null);
  return switched;
}
