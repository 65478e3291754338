import type { AnyMethod } from './patch-set.ts';

/** A `pg.Query`, a cursor or a query stream: an object that sends itself, and is told of its end by the client. */
export interface Submittable {
  readonly submit: AnyMethod;
  callback?: unknown;
  handleError?: unknown;
  handleReadyForQuery?: unknown;
}

export function isSubmittable(config: unknown): config is Submittable {
  return typeof config === 'object' && config !== null && 'submit' in config && typeof config.submit === 'function';
}

/** Calls `end` when the client has told the query that it is over, or has failed. `wrap` is for a callback of its own. */
export function endWithSubmittable(
  query: Submittable,
  end: (error: unknown) => void,
  wrap: (callback: AnyMethod) => AnyMethod,
): void {
  if (typeof query.callback === 'function') {
    // It is sent once, and belongs to the driver from here on.
    query.callback = wrap(query.callback as AnyMethod);
    return;
  }
  const { handleError, handleReadyForQuery } = query;
  if (typeof handleError === 'function') {
    query.handleError = function (this: unknown, ...args: unknown[]): unknown {
      end(args[0]);
      return (handleError as AnyMethod).apply(this, args);
    };
  }
  if (typeof handleReadyForQuery === 'function') {
    query.handleReadyForQuery = function (this: unknown, ...args: unknown[]): unknown {
      end(undefined);
      return (handleReadyForQuery as AnyMethod).apply(this, args);
    };
  }
}
