/** A function of a package that is patched. */
export type HostFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Gives a patch the name and the number of parameters of what it stands for. */
export function likeOriginal(original: HostFunction, patched: HostFunction): HostFunction {
  for (const name of ['name', 'length'] as const)
    Object.defineProperty(patched, name, { value: original[name], configurable: true });
  return patched;
}
