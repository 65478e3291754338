import { context } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
  type InstrumentationConfig,
} from '@opentelemetry/instrumentation';
import type { FaultLog } from '../core/fault-log.ts';
import { whileAwaited } from '../request/call-site-stack.ts';
import { currentRequest } from '../request/request-on-span.ts';
import { likeOriginal, type HostFunction } from './host-function.ts';
import { textOfQuery } from './text-of-query.ts';

/**
 * Sees queries while the application's own frames are on the stack. A pool sends them later, from the callback that brings the
 * connection; Drizzle's builders send them when they are awaited. Makes no spans.
 */
export class DriverEntries extends InstrumentationBase<DriverEntriesConfig> {
  /** All that is to be hooked of packages that consist of hundreds of ES modules. */
  readonly hookedFiles: Readonly<Record<string, RegExp>> = {
    'drizzle-orm': /\/node_modules\/drizzle-orm\/(?:query-promise|\w+-core\/query-builders\/count)\.js$/,
  };
  readonly #faults: FaultLog;

  /** `packages`: those whose entries are to be seen; all by default. */
  constructor(faults: FaultLog, packages?: readonly string[]) {
    super('slowpath-driver-entries', '1.0.0', packages === undefined ? {} : { packages });
    this.#faults = faults;
  }

  /** Called by the base class, before there are any private members. */
  protected override init(): InstrumentationNodeModuleDefinition[] {
    const patch: Patch = (prototype, name, wrapper) => {
      if (typeof prototype?.[name] === 'function') this._wrap(prototype, name, wrapper);
    };
    const enter = (system: string, query: unknown): void => {
      try {
        enterQuery(system, query);
      } catch (thrown) {
        this.#faults.caught('query entry', thrown);
      }
    };
    const definitions = [
      new InstrumentationNodeModuleDefinition('pg-pool', ['>=2.0.0'], (exports: PoolExports) => {
        patch((exports.default ?? exports).prototype, 'query', entering('postgresql', enter));
        return exports;
      }),
      new InstrumentationNodeModuleDefinition('mysql2', [], undefined, undefined, [
        file('mysql2/lib/base/pool.js', (exports) => patchMysqlPool(exports, patch, enter)),
        file('mysql2/lib/pool.js', (exports) => patchMysqlPool(exports, patch, enter)),
      ]),
      new InstrumentationNodeModuleDefinition(
        'drizzle-orm',
        [],
        undefined,
        undefined,
        DRIZZLE_BUILDERS.flatMap((name) => [`${name}.js`, `${name}.cjs`]).map((name) =>
          file(`drizzle-orm/${name}`, (exports) => patchBuilders(exports, patch)),
        ),
      ),
    ];
    const { packages } = this.getConfig();
    return packages === undefined ? definitions : definitions.filter(({ name }) => packages.includes(name));
  }
}

/** The base class reads it before there are any private members. */
interface DriverEntriesConfig extends InstrumentationConfig {
  readonly packages?: readonly string[];
}

type Host = Record<string, HostFunction>;
type Enter = (system: string, query: unknown) => void;
type Patch = (prototype: Host | undefined, name: string, wrapper: (original: HostFunction) => HostFunction) => void;

interface WithPrototype {
  readonly prototype?: Host;
}
interface PoolExports extends WithPrototype {
  readonly default?: WithPrototype;
}

/** The files whose classes have a `then` of their own. */
const DRIZZLE_BUILDERS = [
  'query-promise',
  'pg-core/query-builders/count',
  'mysql-core/query-builders/count',
  'sqlite-core/query-builders/count',
];

function file(name: string, patchFile: (exports: WithPrototype) => void): InstrumentationNodeModuleFile {
  const patched = (exports: WithPrototype): WithPrototype => {
    patchFile(exports);
    return exports;
  };
  // What is patched is switched off from outside, and then calls the original.
  return new InstrumentationNodeModuleFile(name, ['*', '>=0.0.0'], patched, () => undefined);
}

/** The base class of both pools, or of older versions the one pool. */
function patchMysqlPool({ prototype }: WithPrototype, patch: Patch, enter: Enter): void {
  if (prototype === undefined) return;
  for (const name of ['query', 'execute'])
    if (Object.hasOwn(prototype, name)) patch(prototype, name, entering('mysql', enter));
  if (Object.hasOwn(prototype, 'getConnection')) patch(prototype, 'getConnection', keepingContext);
}

/**
 * A full pool calls who waits for a connection from whoever gives one back: without this, the queries that follow belong to
 * that request, or to none.
 */
function keepingContext(original: HostFunction): HostFunction {
  return likeOriginal(original, function (...args) {
    const [callback] = args;
    if (typeof callback === 'function') args[0] = context.bind(context.active(), callback);
    return original.apply(this, args);
  });
}

function entering(system: string, enter: Enter): (original: HostFunction) => HostFunction {
  return (original) =>
    likeOriginal(original, function (...args) {
      enter(system, args[0]);
      return original.apply(this, args);
    });
}

/** The classes that a file exports, as far as one can await what they make. */
function patchBuilders(exports: object, patch: Patch): void {
  for (const made of Object.values(exports) as unknown[]) {
    const prototype = typeof made === 'function' ? (made.prototype as Host | undefined) : undefined;
    if (prototype !== undefined && Object.hasOwn(prototype, 'then')) patch(prototype, 'then', awaiting);
  }
}

/** `then` of a builder, which sends its query in it. */
function awaiting(original: HostFunction): HostFunction {
  return likeOriginal(original, function (...args) {
    return whileAwaited({ onFulfilled: args[0], onRejected: args[1] }, () => original.apply(this, args));
  });
}

function enterQuery(system: string, query: unknown): void {
  const text = textOfQuery(query);
  if (text !== undefined) currentRequest()?.enter(text, system, 'pool');
}
