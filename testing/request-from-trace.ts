import type { ThresholdOverrides } from '../analysis/find-in-request.ts';
import { recordLimits } from '../analysis/record-limits.ts';
import type { Suppressor } from '../analysis/suppressor.ts';
import type { AnalyzedRequest, Endpoint, SpanId, TraceId } from '../core/types.ts';
import { LiveRequest } from '../request/live-request.ts';
import { parseTraceLine } from './parse-trace-line.ts';
import { placeSpans } from './place-spans.ts';
import { replaySpans } from './replay-spans.ts';

/** What a picture leaves open. */
export interface TraceOptions {
  readonly thresholds?: ThresholdOverrides;
  /** Milliseconds; 200 if not given. */
  readonly slowQueryMinMs?: number;
  readonly suppressor?: Suppressor;
}

/**
 * Builds a finished request from a picture of its trace, through the same code that serves live spans.
 *
 *     requestFromTrace`
 *       GET /orders                                          80ms
 *         pg: SELECT * FROM orders LIMIT 10                   4ms  rows 10
 *         pg: SELECT * FROM users WHERE id = $1 with (#)      2ms  x10`
 *
 * Each line is a span: `[tag:] text [with (values)] <duration>ms [xN] [at once] [beside] [rows N] [on shard] [fails]
 * [saves Nms] [-> status]`.
 * The first line is the request. `xN` repeats a line, one after the other or `at once`; `#` in it counts 1, 2, 3 …
 * A line follows the one before it, or starts together with it: `beside`. One that has lines below it takes no time of its own.
 * `with (…)` are the bind values; a placeholder without them has values that nobody saw. Tags: pg, mysql, mariadb, sqlite, mssql;
 * `http: GET https://users.internal/users/#` is a call of another service, `redis: HGETALL user:#` (valkey, memcached) a command;
 * `cache: hit user:{userId}:settings 0ms saves 20ms` is a look-up in a cache (hit, stale, miss, coalesced, bypass, error), and a miss
 * computes for as long as it lasts; any other tag is a span that is none of these.
 *
 * @throws {Error} with the line's number and the accepted form, if a line does not parse.
 */
export function requestFromTrace(strings: TemplateStringsArray, ...values: unknown[]): AnalyzedRequest {
  return drawnRequest(String.raw({ raw: strings }, ...values));
}

/** `requestFromTrace` with options, on a string. */
export function drawnRequest(picture: string, options: TraceOptions = {}): AnalyzedRequest {
  const lines = picture
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => parseTraceLine(line, index + 1));
  const [root, ...spans] = lines;
  if (root === undefined) throw new Error('the trace is empty. Write the request on its first line: GET /orders 120ms');
  const limits = recordLimits(options.thresholds ?? {});
  const request = new LiveRequest({
    traceId: '00000000000000000000000000000001' as TraceId,
    rootSpanId: spanId(1),
    kind: root.text.startsWith('job ') ? 'job' : root.text.startsWith('consume ') ? 'message' : 'http',
    sampled: true,
    startTime: [0, 0],
    startedAtMs: 0,
    limits: {
      ...limits,
      ...(options.slowQueryMinMs !== undefined && { slowQueryMinMs: options.slowQueryMinMs }),
    },
  });
  replaySpans(request, placeSpans(spans));
  const statusCode = root.statusCode ?? 200;
  return request.close(
    {
      endpoint: root.text as Endpoint,
      statusCode,
      failed: statusCode >= 500,
      aborted: false,
      connection: 'request',
      durationMs: root.durationMs,
      queriesObserved: true,
    },
    {
      thresholds: options.thresholds ?? {},
      suppressor: options.suppressor,
      onFault(code, thrown) {
        throw new Error(`${code} threw`, { cause: thrown });
      },
    },
  );
}

function spanId(n: number): SpanId {
  return n.toString(16).padStart(16, '0') as SpanId;
}
