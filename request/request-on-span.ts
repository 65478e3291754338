import { trace } from '@opentelemetry/api';
import type { LiveRequest } from './live-request.ts';

/**
 * The property of a span that leads to its request. `Symbol.for`: a second copy of slowpath (a bundled route, say)
 * finds the same one. Kept on the span and in no map, it goes when the span goes.
 */
const REQUEST = Symbol.for('slowpath.request');

interface Carrier {
  [REQUEST]?: LiveRequest;
}

/** The request that a span belongs to; `undefined` for orphans and for spans of another SDK. */
export function requestOf(carrier: object | undefined): LiveRequest | undefined {
  return (carrier as Carrier | undefined)?.[REQUEST];
}

/** Makes a span lead to its request. */
export function attachRequest(carrier: object, request: LiveRequest): void {
  (carrier as Carrier)[REQUEST] = request;
}

/** The request that is being handled where this is called. */
export function currentRequest(): LiveRequest | undefined {
  return requestOf(trace.getActiveSpan());
}
