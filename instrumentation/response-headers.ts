import { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { FaultLog } from '../core/fault-log.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { attachRequest, requestOf } from '../request/request-on-span.ts';

export interface ResponseHeadersOptions {
  readonly clock: Clock;
  readonly faults: FaultLog;
  /** While false, the query count is not known and no header states one. */
  readonly queriesObserved: () => boolean;
}

/** Makes a response known as the answer to `request`, so that its headers can tell of it. */
export function tagResponse(response: object, request: LiveRequest): void {
  attachRequest(response, request);
}

/**
 * Writes `X-Response-Time-Ms`, `X-Query-Count` and `Server-Timing` on every tagged response, with the counts so far, at the
 * moment its head is written. A header that the application has set stays the application's. Returns the way back.
 *
 * `writeHead` is the one door: `end()` and `write()` go through it when the application does not call it. It is patched once
 * on the prototype, so a request costs no closure.
 */
export function installResponseHeaders(options: ResponseHeadersOptions): () => void {
  const prototype = ServerResponse.prototype as { writeHead: (...args: unknown[]) => ServerResponse };
  const original = prototype.writeHead;
  let isOn = true;
  const patched = function writeHead(this: ServerResponse, ...args: unknown[]): ServerResponse {
    if (isOn) {
      try {
        const request = requestOf(this);
        if (request !== undefined && !this.headersSent) stamp(this, request, options);
      } catch (thrown) {
        options.faults.caught('response headers', thrown);
      }
    }
    return original.apply(this, args);
  };
  prototype.writeHead = patched;
  return () => {
    isOn = false;
    // Another library may have wrapped it since; then ours stays below it and does nothing.
    if (prototype.writeHead === patched) prototype.writeHead = original;
  };
}

function stamp(
  response: ServerResponse,
  request: LiveRequest,
  { clock, queriesObserved }: ResponseHeadersOptions,
): void {
  const elapsedMs = (clock.nowMs() - request.start.startedAtMs).toFixed(1);
  const count = request.queryCount;
  const isCountKnown = count > 0 || queriesObserved();
  setIfAbsent(response, 'X-Response-Time-Ms', elapsedMs);
  if (isCountKnown) setIfAbsent(response, 'X-Query-Count', String(count));
  const database = isCountKnown ? `, db;dur=${request.queryTotalMs.toFixed(1)};desc="${count} queries"` : '';
  setIfAbsent(response, 'Server-Timing', `total;dur=${elapsedMs}${database}`);
}

function setIfAbsent(response: ServerResponse, name: string, value: string): void {
  if (!response.hasHeader(name)) response.setHeader(name, value);
}
