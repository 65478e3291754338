import { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { FaultLog } from '../core/fault-log.ts';
import { cacheHitValue, cacheStatusMember } from '../request/cache-headers.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { addHeaders, type Header } from './add-headers.ts';
import { createStamp } from './stamp.ts';

export interface ResponseHeadersOptions {
  readonly clock: Clock;
  readonly faults: FaultLog;
  /** While false, the query count is not known and no header states one. */
  readonly queriesObserved: () => boolean;
  /** The name of this cache in `Cache-Status`; without it that header is not written. */
  readonly cacheStatusName?: string | undefined;
}

const requestStamp = createStamp<LiveRequest>();

/** Makes a response known as the answer to `request`, so that its headers can tell of it. */
export function tagResponse(response: object, request: LiveRequest): void {
  requestStamp.set(response, request);
}

/**
 * Writes `X-Response-Time-Ms`, `X-Query-Count`, `X-Cache-Hit` and `Server-Timing` on every tagged response, with the counts so
 * far, at the moment its head is written. A header that the application has set stays the application's; to a `Cache-Status` of
 * its own, ours is added. Returns the way back.
 *
 * `writeHead` is the one door: `end()` and `write()` go through it when the application does not call it. It is patched once
 * on the prototype, so a request costs no closure.
 */
export function installResponseHeaders(options: ResponseHeadersOptions): () => void {
  const prototype = ServerResponse.prototype as { writeHead: (...args: unknown[]) => ServerResponse };
  const original = prototype.writeHead;
  let isOn = true;
  const patched = function writeHead(this: ServerResponse, ...args: unknown[]): ServerResponse {
    let stamped = args;
    if (isOn) {
      try {
        const request = requestStamp.get(this);
        if (request !== undefined && !this.headersSent) stamped = addHeaders(this, args, headersOf(request, options));
      } catch (thrown) {
        options.faults.caught('response headers', thrown);
      }
    }
    return original.apply(this, stamped);
  };
  prototype.writeHead = patched;
  return () => {
    isOn = false;
    // Another library may have wrapped it since; then ours stays below it and does nothing.
    if (prototype.writeHead === patched) prototype.writeHead = original;
  };
}

function headersOf(request: LiveRequest, options: ResponseHeadersOptions): readonly Header[] {
  const { clock, queriesObserved, cacheStatusName } = options;
  const elapsedMs = (clock.nowMs() - request.start.startedAtMs).toFixed(1);
  const count = request.queryCount;
  const isCountKnown = count > 0 || queriesObserved();
  const database = isCountKnown ? `, db;dur=${request.queryTotalMs.toFixed(1)};desc="${count} queries"` : '';
  const cacheHit = cacheHitValue(request.cacheUse);
  const cacheStatus = cacheStatusName === undefined ? undefined : cacheStatusMember(request.cacheUse, cacheStatusName);
  return [
    { name: 'X-Response-Time-Ms', value: elapsedMs },
    ...(isCountKnown ? [{ name: 'X-Query-Count', value: String(count) }] : []),
    ...(cacheHit === undefined ? [] : [{ name: 'X-Cache-Hit', value: cacheHit }]),
    ...(cacheStatus === undefined ? [] : [{ name: 'Cache-Status', value: cacheStatus, isMember: true as const }]),
    { name: 'Server-Timing', value: `total;dur=${elapsedMs}${database}` },
  ];
}
