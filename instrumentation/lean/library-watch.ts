import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import type { FaultLog } from '../../core/fault-log.ts';

const LOADED = 'tracing:module.require:end';

/**
 * What is to be done with the exports of a package, by its name. Called for each of its modules that somebody loads; true when
 * there was something to patch.
 */
export type LibraryPatches = Readonly<Record<string, (exports: object) => boolean>>;

interface RequireMessage {
  /** As it was asked for; a path where an ES module imports it. */
  readonly id?: unknown;
  readonly result?: unknown;
}

/**
 * Patches packages as they are loaded, without a hook in the loader: Node publishes each CommonJS module that `require` or an
 * `import` has loaded. What it does not see, `patchLoaded` finds later: modules that a loader hook has given another source.
 */
export class LibraryWatch {
  readonly #patches: LibraryPatches;
  readonly #faults: FaultLog;
  readonly #seen = new WeakSet();
  readonly #onLoaded = (message: unknown): void => {
    try {
      const { id, result } = message as RequireMessage;
      if (typeof id === 'string') this.#patch(packageOf(id), result);
    } catch (thrown) {
      this.#faults.caught('a loaded module', thrown);
    }
  };

  constructor(patches: LibraryPatches, faults: FaultLog) {
    this.#patches = patches;
    this.#faults = faults;
    subscribe(LOADED, this.#onLoaded);
  }

  stop(): void {
    unsubscribe(LOADED, this.#onLoaded);
  }

  /** Patches what is in memory and was not seen; returns the names of its packages. */
  patchLoaded(): readonly string[] {
    const found = new Set<string>();
    const { cache } = createRequire(import.meta.url);
    for (const [file, loaded] of Object.entries(cache)) {
      const name = packageOf(file);
      if (this.#patch(name, loaded?.exports)) found.add(name);
    }
    return [...found];
  }

  #patch(name: string, exports: unknown): boolean {
    if (!Object.hasOwn(this.#patches, name)) return false;
    const isObject = (typeof exports === 'object' && exports !== null) || typeof exports === 'function';
    if (!isObject || this.#seen.has(exports)) return false;
    this.#seen.add(exports);
    return this.#patches[name]?.(exports) ?? false;
  }
}

/** `pg` of `pg`, of `pg/lib/client` and of `/app/node_modules/pg/lib/index.js`; empty for a file of the application. */
export function packageOf(id: string): string {
  const folder = id.lastIndexOf(`node_modules${sep}`);
  const path = folder === -1 ? id : id.slice(folder + 'node_modules'.length + 1);
  if (folder === -1 && (path.startsWith('.') || path.startsWith('/') || path.includes(':'))) return '';
  const end = path.search(/[\\/]/);
  if (end === -1) return path;
  if (!path.startsWith('@')) return path.slice(0, end);
  return path.split(/[\\/]/, 2).join('/');
}
