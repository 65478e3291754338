import { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { FaultLog } from '../core/fault-log.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { createStamp } from './stamp.ts';

export interface ResponseHeadersOptions {
  readonly clock: Clock;
  readonly faults: FaultLog;
  /** While false, the query count is not known and no header states one. */
  readonly queriesObserved: () => boolean;
}

const requestStamp = createStamp<LiveRequest>();

/** Makes a response known as the answer to `request`, so that its headers can tell of it. */
export function tagResponse(response: object, request: LiveRequest): void {
  requestStamp.set(response, request);
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

type Header = readonly [name: string, value: string];

function headersOf(request: LiveRequest, { clock, queriesObserved }: ResponseHeadersOptions): readonly Header[] {
  const elapsedMs = (clock.nowMs() - request.start.startedAtMs).toFixed(1);
  const count = request.queryCount;
  const isCountKnown = count > 0 || queriesObserved();
  const database = isCountKnown ? `, db;dur=${request.queryTotalMs.toFixed(1)};desc="${count} queries"` : '';
  const total: Header = ['Server-Timing', `total;dur=${elapsedMs}${database}`];
  const time: Header = ['X-Response-Time-Ms', elapsedMs];
  return isCountKnown ? [time, ['X-Query-Count', String(count)], total] : [time, total];
}

/**
 * The arguments of `writeHead` with our headers in a copy of those that the application gave, where it has set none before:
 * `setHeader` would then send Node another way, which merges names, reorders lists and refuses pairs. Where it has set some,
 * Node goes that way anyhow, and ours are set like its own.
 */
function addHeaders(response: ServerResponse, args: unknown[], headers: readonly Header[]): unknown[] {
  if (response.getHeaderNames().length > 0) {
    for (const [name, value] of headers) if (!response.hasHeader(name)) response.setHeader(name, value);
    return args;
  }
  // As Node reads them: (status), (status, headers), (status, reason, headers).
  const at = typeof args[1] === 'string' || (args[2] !== undefined && args[2] !== null) ? 2 : 1;
  const given = args[at];
  const extended = [...args];
  extended[at] = withHeaders(given, headers);
  return extended;
}

function withHeaders(given: unknown, headers: readonly Header[]): unknown {
  if (Array.isArray(given)) {
    const isPairs = given.length > 0 && Array.isArray(given[0]);
    const names: unknown[] = isPairs
      ? given.map((pair: unknown[]) => pair[0])
      : given.filter((_, index) => index % 2 === 0);
    const missing = headers.filter(([name]) => !isNamed(names, name));
    return [...(given as unknown[]), ...(isPairs ? missing : missing.flat())];
  }
  if (given === undefined || given === null) return Object.fromEntries(headers);
  if (typeof given !== 'object') return given;
  const missing = headers.filter(([name]) => !isNamed(Object.keys(given), name));
  return { ...given, ...Object.fromEntries(missing) };
}

function isNamed(names: readonly unknown[], name: string): boolean {
  return names.some((other) => typeof other === 'string' && other.toLowerCase() === name.toLowerCase());
}
