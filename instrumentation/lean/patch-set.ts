/** A method of a package that is patched. */
export type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/** Of functions that are patches, by the symbol that each of our copies has in common. */
const PATCHED = Symbol.for('slowpath.patched');

interface Patch {
  readonly target: Record<string, unknown>;
  readonly name: string;
  readonly patched: AnyMethod;
  readonly original: AnyMethod;
  readonly isOwn: boolean;
}

/**
 * The methods that are patched, and the way back. A patch that another library has wrapped since stays where it is and calls
 * the original.
 */
export class PatchSet {
  readonly #patches: Patch[] = [];
  #isOn = true;

  /** False, and no effect, where the method is missing or patched by us already. */
  wrap(target: object, name: string, wrapper: (original: AnyMethod) => AnyMethod): boolean {
    const holder = target as Record<string, unknown>;
    const method = holder[name];
    if (typeof method !== 'function' || PATCHED in method) return false;
    const original = method as AnyMethod;
    const wrapped = wrapper(original);
    const isOn = (): boolean => this.#isOn;
    const patched: AnyMethod = function (this: unknown, ...args) {
      return isOn() ? wrapped.apply(this, args) : original.apply(this, args);
    };
    Object.defineProperties(patched, {
      name: { value: original.name, configurable: true },
      length: { value: original.length, configurable: true },
      [PATCHED]: { value: true },
    });
    this.#patches.push({ target: holder, name, patched, original, isOwn: Object.hasOwn(holder, name) });
    // As the method was: not enumerable on a class, so that nobody who copies a prototype finds it there.
    const descriptor = Object.getOwnPropertyDescriptor(holder, name) ?? { configurable: true, writable: true };
    Object.defineProperty(holder, name, { ...descriptor, value: patched });
    return true;
  }

  undo(): void {
    this.#isOn = false;
    for (const { target, name, patched, original, isOwn } of this.#patches.toReversed()) {
      if (target[name] !== patched) continue;
      if (isOwn) target[name] = original;
      else delete target[name];
    }
    this.#patches.length = 0;
  }
}
