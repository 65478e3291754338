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

/** Says of a function which calls are not for the patch; undefined if all are. Asked once, when the function is patched. */
type Bypass = (instrumentationName: string, functionName: string) => IsBypassed | undefined;
type IsBypassed = (args: readonly unknown[]) => boolean;
type OnPatch = (instrumentationName: string) => void;

const switches = new WeakMap<Instrumentation, PatchSwitch>();

/**
 * Puts a switch into every function that the instrumentations patch. Unpatching cannot do this: when the application's own
 * OpenTelemetry has wrapped our wrappers, the library's `unwrap` takes off theirs and leaves ours.
 * Instrumentations that were turned off before are turned on again: what they had patched stays patched once.
 * `onPatch` is told whose module was found and patched.
 */
export function makeSwitchable(
  instrumentations: readonly Instrumentation[],
  onPatch: OnPatch,
  bypass: Bypass,
): InstrumentationSwitch {
  const turnedOn = instrumentations.map((instrumentation) => {
    const known = switches.get(instrumentation);
    if (known === undefined) {
      const made = new PatchSwitch(instrumentation, onPatch, bypass);
      switches.set(instrumentation, made);
      return made;
    }
    known.on(onPatch);
    return known;
  });
  return {
    off() {
      for (const patchSwitch of turnedOn) patchSwitch.off();
    },
  };
}

class PatchSwitch {
  readonly #instrumentation: Instrumentation;
  readonly #patched = new WeakMap<object, Set<string>>();
  #onPatch: OnPatch;
  #isOn = true;
  #hasPatched = false;
  /** While it is turned off and on again its patches stay where they are. */
  #keepsPatches = false;

  constructor(instrumentation: Instrumentation, onPatch: OnPatch, bypass: Bypass) {
    this.#instrumentation = instrumentation;
    this.#onPatch = onPatch;
    const { instrumentationName } = instrumentation;
    const patching = instrumentation as unknown as Patching;
    const { _wrap: wrap, _unwrap: unwrap } = patching;
    patching._wrap = (target, name, wrapper) => {
      if (this.#keepsPatches && this.#patched.get(target)?.has(name) === true)
        return (target as Record<string, unknown>)[name];
      this.#onPatch(instrumentationName);
      this.#hasPatched = true;
      const wrapped = wrap(target, name, (original, wrappedName) => {
        const patched = wrapper(original, wrappedName);
        const isBypassed = bypass(instrumentationName, wrappedName);
        const current = (args: readonly unknown[]): HostFunction =>
          this.#isOn && isBypassed?.(args) !== true ? patched : original;
        return sameShape(patched, function (this: unknown, ...args) {
          return new.target === undefined
            ? current(args).apply(this, args)
            : (Reflect.construct(current(args), args, new.target) as unknown);
        });
      });
      // After the call: it takes off an older patch first.
      if (wrapped !== undefined) this.#remember(target, name);
      return wrapped;
    };
    patching._unwrap = (target, name) => {
      if (this.#keepsPatches) return undefined;
      this.#patched.get(target)?.delete(name);
      return unwrap(target, name);
    };
  }

  on(onPatch: OnPatch): void {
    this.#onPatch = onPatch;
    if (this.#hasPatched) onPatch(this.#instrumentation.instrumentationName);
    if (this.#isOn) return;
    this.#isOn = true;
    this.#instrumentation.enable();
    this.#keepsPatches = false;
  }

  off(): void {
    this.#isOn = false;
    this.#keepsPatches = true;
    this.#instrumentation.disable();
  }

  #remember(target: object, name: string): void {
    const names = this.#patched.get(target) ?? new Set();
    this.#patched.set(target, names.add(name));
  }
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
