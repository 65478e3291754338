import { AsyncResource } from 'node:async_hooks';
import type { Span, Tracer } from '@opentelemetry/api';
import type { FaultLog } from '../../core/fault-log.ts';
import type { AnyMethod, PatchSet } from './patch-set.ts';
import { failPgSpan, startPgSpan, type PgClient, type PgQuery } from './pg-span.ts';
import { endWithSubmittable, isSubmittable } from './pg-submittable.ts';

export interface PgHooks {
  /** The span of a statement has started, and its caller is on the stack. */
  readonly onQuery?: (span: Span, query: PgQuery) => void;
  /** A statement has rows, or has changed some. */
  readonly onRowCount?: (span: Span, rowCount: number) => void;
  /** A pool was given a statement; it may wait for a connection. */
  readonly onPoolQuery?: (query: unknown) => void;
}

export interface PgOptions {
  readonly tracer: () => Tracer;
  readonly faults: FaultLog;
  readonly hooks?: PgHooks;
  /** Told of a pool whenever a connection of it is asked for. */
  readonly onPool?: (pool: object) => void;
}

interface WithPrototype {
  readonly prototype: object;
}
export interface PgExports {
  readonly Client?: WithPrototype;
  readonly Pool?: WithPrototype;
}

/**
 * A CLIENT span for each statement that a `pg.Client` is given, by promise, callback, query object or cursor.
 * False when there was nothing to patch.
 */
export function patchPg(patches: PatchSet, { Client, Pool }: PgExports, options: PgOptions): boolean {
  if (Client === undefined || Pool === undefined) return false;
  patchPgPool(patches, Pool, options);
  return patches.wrap(Client.prototype, 'query', (original) => querying(original, options));
}

/** The pool itself makes no spans: its client does. False when there was nothing to patch. */
export function patchPgPool(patches: PatchSet, Pool: WithPrototype, options: PgOptions): boolean {
  const { faults, hooks = {} } = options;
  // The pool of pg is derived from that of pg-pool.
  const prototype = ownerOf(Pool.prototype, 'connect');
  if (prototype === undefined || !patches.wrap(prototype, 'connect', (original) => connecting(original, options)))
    return false;
  const { onPoolQuery } = hooks;
  if (onPoolQuery === undefined) return true;
  patches.wrap(
    prototype,
    'query',
    (original) =>
      function query(this: unknown, ...args: unknown[]): unknown {
        try {
          onPoolQuery(args[0]);
        } catch (thrown) {
          faults.caught('pg pool query', thrown);
        }
        return original.apply(this, args);
      },
  );
  return true;
}

function ownerOf(prototype: object, name: string): object | undefined {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? undefined;
}

/** A full pool calls who waits for a connection from whoever gives one back: its query would be another request's. */
function connecting(original: AnyMethod, { faults, onPool }: PgOptions): AnyMethod {
  return function connect(this: unknown, ...args: unknown[]): unknown {
    try {
      onPool?.(this as object);
    } catch (thrown) {
      faults.caught('pg pool', thrown);
    }
    const [callback] = args;
    if (typeof callback === 'function') args[0] = bound(callback as AnyMethod);
    return original.apply(this, args);
  };
}

function querying(original: AnyMethod, options: PgOptions): AnyMethod {
  return function query(this: unknown, ...args: unknown[]): unknown {
    const call = begin(this as PgClient, args, options);
    if (call === undefined) return original.apply(this, args);
    let result: unknown;
    try {
      result = original.apply(this, call.args);
    } catch (thrown) {
      call.end(thrown);
      throw thrown;
    }
    if (!isThenable(result) || isSubmittable(args[0])) return result;
    // The promise that is derived, and no second branch: it would take a failure for handled, and hide an unhandled one.
    return result.then(
      (value: unknown) => {
        call.end(undefined, value);
        return value;
      },
      (error: unknown) => {
        call.end(error);
        throw error;
      },
    );
  };
}

interface QueryCall {
  readonly args: unknown[];
  /** Never throws. */
  readonly end: (error: unknown, result?: unknown) => void;
}

/** `undefined` when a fault of ours stands in the way. */
function begin(client: PgClient, args: unknown[], { tracer, faults, hooks = {} }: PgOptions): QueryCall | undefined {
  try {
    const query = queryOf(args);
    const span = startPgSpan(tracer(), client, query);
    if (query !== undefined) hooks.onQuery?.(span, query);
    let isOpen = true;
    const end = (error: unknown, result?: unknown): void => {
      if (!isOpen) return;
      isOpen = false;
      try {
        if (error !== undefined && error !== null) failPgSpan(span, error);
        else {
          const rowCount = (result as { rowCount?: unknown } | undefined)?.rowCount;
          if (typeof rowCount === 'number') hooks.onRowCount?.(span, rowCount);
        }
        span.end();
      } catch (thrown) {
        faults.caught('pg query end', thrown);
      }
    };
    return { args: withCallback(args, end), end };
  } catch (thrown) {
    faults.caught('pg query', thrown);
    return undefined;
  }
}

function queryOf([config, values]: unknown[]): PgQuery | undefined {
  const listed = Array.isArray(values) ? values : undefined;
  if (typeof config === 'string') return { text: config, values: listed, name: undefined };
  if (typeof config !== 'object' || config === null) return undefined;
  const { text, values: own, name } = config as { text?: unknown; values?: unknown; name?: unknown };
  if (typeof text !== 'string') return undefined;
  return { text, values: own ?? listed, name: typeof name === 'string' ? name : undefined };
}

/** The arguments with a callback, wherever it stands, that ends the span first. */
function withCallback(args: unknown[], end: QueryCall['end']): unknown[] {
  const last = args.length - 1;
  const callback = args[last];
  if (typeof callback === 'function') {
    const wrapped = [...args];
    wrapped[last] = ending(callback as AnyMethod, end);
    return wrapped;
  }
  const [config] = args;
  if (isSubmittable(config)) {
    endWithSubmittable(config, end, (own) => ending(own, end));
    return args;
  }
  if (typeof config !== 'object' || config === null) return args;
  const own = (config as { callback?: unknown }).callback;
  if (typeof own !== 'function') return args;
  // A copy: the caller may use its object for the next query.
  const copy = Object.create(Object.getPrototypeOf(config) as object | null, Object.getOwnPropertyDescriptors(config));
  return [Object.assign(copy as object, { callback: ending(own as AnyMethod, end) }), ...args.slice(1)];
}

function ending(callback: AnyMethod, end: QueryCall['end']): AnyMethod {
  const inContext = bound(callback);
  return function (this: unknown, ...args) {
    end(args[0], args[1]);
    return inContext.apply(this, args);
  };
}

/**
 * The connection calls back from the context of whoever opened it. A resource gives back every AsyncLocalStorage, the
 * application's own too, and is three times as cheap as entering one context.
 */
function bound(callback: AnyMethod): AnyMethod {
  const resource = new AsyncResource('slowpath.pg', { requireManualDestroy: true });
  return function (this: unknown, ...args) {
    return resource.runInAsyncScope(callback, this, ...args);
  };
}

interface Thenable {
  then(onValue: (value: unknown) => unknown, onError: (error: unknown) => unknown): unknown;
}

function isThenable(value: unknown): value is Thenable {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
