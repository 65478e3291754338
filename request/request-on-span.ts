import { trace } from '@opentelemetry/api';
import type { LiveRequest } from './live-request.ts';

/**
 * The property of a span that leads to its request. `Symbol.for`: a second copy of slowpath (a bundled route, say)
 * finds the same one. Kept on the span and in no map, it goes when the span goes.
 */
const REQUEST = Symbol.for('slowpath.request');

/**
 * Whether any request has been followed in this process, by any copy of slowpath: where none was, nobody need look for the active
 * span, which costs more than what it would tell.
 */
const FOLLOWED = Symbol.for('slowpath.requests.followed');
const followed = ((globalThis as { [FOLLOWED]?: { any: boolean } })[FOLLOWED] ??= { any: false });

interface Carrier {
  [REQUEST]?: LiveRequest;
}

/** The request that a span belongs to; `undefined` for orphans and for spans of another SDK. */
export function requestOf(carrier: object | undefined): LiveRequest | undefined {
  return (carrier as Carrier | undefined)?.[REQUEST];
}

/** Makes a span lead to its request. */
export function attachRequest(carrier: object, request: LiveRequest): void {
  followed.any = true;
  (carrier as Carrier)[REQUEST] = request;
}

/** The request that is being handled where this is called. A context manager that fails knows of none. */
export function currentRequest(): LiveRequest | undefined {
  if (!followed.any) return undefined;
  try {
    return requestOf(trace.getActiveSpan());
  } catch {
    return undefined;
  }
}
