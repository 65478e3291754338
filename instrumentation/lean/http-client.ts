import { createRequire, syncBuiltinESMExports } from 'node:module';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../../core/fault-log.ts';
import type { AnyMethod } from './patch-set.ts';

/** The functions of `node:http` and `node:https` that send requests. */
interface Client {
  request: AnyMethod;
  get: AnyMethod;
}

/** The member of the SDK's InstrumentationBase that holds what it patches. */
export interface WithDefinitions extends Instrumentation {
  readonly _modules: { readonly name: string; patch?: (exports: Client) => Client }[];
}

const MODULES = ['http', 'https'] as const;
const FUNCTIONS = ['request', 'get'] as const;

/**
 * Sends HTTP requests through the official instrumentation, which is loaded with the first one. It patches objects of our
 * own with Node's functions in them: whoever holds `http.request` from before holds a function that goes there.
 */
export class HttpClientPatch {
  readonly #load: () => WithDefinitions | undefined;
  readonly #faults: FaultLog;
  readonly #modules = MODULES.map((name) => {
    const exports = createRequire(import.meta.url)(`node:${name}`) as Client;
    return { name, exports, original: { request: exports.request, get: exports.get } };
  });
  #patched: Readonly<Record<string, Client>> | undefined;
  #shims: Readonly<Record<string, Client>> | undefined;
  #isOn = false;

  constructor(load: () => WithDefinitions | undefined, faults: FaultLog) {
    this.#load = load;
    this.#faults = faults;
  }

  install(): void {
    this.#isOn = true;
    if (this.#shims !== undefined) return;
    this.#shims = Object.fromEntries(
      this.#modules.map(({ name, exports, original }) => {
        const shims = { request: this.#shim(name, 'request', original), get: this.#shim(name, 'get', original) };
        Object.assign(exports, shims);
        return [name, shims];
      }),
    );
    syncBuiltinESMExports();
  }

  /** Where another library has wrapped them since, ours stay below and call Node's. */
  remove(): void {
    this.#isOn = false;
    for (const { name, exports, original } of this.#modules) {
      for (const part of FUNCTIONS) if (exports[part] === this.#shims?.[name]?.[part]) exports[part] = original[part];
    }
    const areOut = this.#modules.every(({ exports, original }) =>
      FUNCTIONS.every((part) => exports[part] === original[part]),
    );
    if (areOut) this.#shims = undefined;
    syncBuiltinESMExports();
  }

  #shim(name: string, part: 'request' | 'get', original: Client): AnyMethod {
    const target = (): AnyMethod => {
      // Our own exports are no traffic of the application, and must not be what loads the instrumentation.
      if (!this.#isOn || isTracingSuppressed(context.active())) return original[part];
      return this.#clients()[name]?.[part] ?? original[part];
    };
    const shim: AnyMethod = function (this: unknown, ...args) {
      return target().apply(this, args);
    };
    return Object.defineProperties(shim, {
      name: { value: original[part].name, configurable: true },
      length: { value: original[part].length, configurable: true },
    });
  }

  #clients(): Readonly<Record<string, Client>> {
    if (this.#patched !== undefined) return this.#patched;
    const clients = Object.fromEntries(this.#modules.map(({ name, original }) => [name, { ...original }]));
    // Before it is loaded, for that may send requests: they are not for it.
    this.#patched = clients;
    try {
      for (const definition of this.#load()?._modules ?? []) {
        const client = clients[definition.name];
        if (client !== undefined) definition.patch?.(client);
        // Node's own functions stay as they are whoever requires them later.
        definition.patch = (exports) => exports;
      }
    } catch (thrown) {
      this.#faults.caught('http client', thrown);
    }
    return clients;
  }
}
