/** A peer is not installed: `npm ci --prefix bench`. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** A module of bench/node_modules, which the root's TypeScript does not know: `Module` is what the comparison uses of it. */
export async function load<Module>(specifier: string): Promise<Module> {
  try {
    return (await import(specifier)) as Module;
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND')) throw thrown;
    throw new NotInstalled(`${specifier} is not installed: npm ci --prefix bench`, { cause: thrown });
  }
}
