import type { ThresholdOverrides } from '../analysis/find-in-request.ts';
import { combineHashes, hashValues } from '../core/keyed-hash.ts';
import type { AnalyzedRequest, Endpoint, SpanId, TraceId } from '../core/types.ts';
import { LiveRequest } from '../request/live-request.ts';
import { describeQuery } from '../sql/index.ts';
import { parseTraceLine, type TraceLine } from './parse-trace-line.ts';

const SYSTEMS: Readonly<Record<string, string>> = {
  pg: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mariadb',
  sqlite: 'sqlite',
  mssql: 'microsoft.sql_server',
};

/** What a picture leaves open. */
export interface TraceOptions {
  readonly thresholds?: ThresholdOverrides;
  /** Milliseconds; 200 if not given. */
  readonly slowQueryMinMs?: number;
}

/**
 * Builds a finished request from a picture of its trace, through the same code that serves live spans.
 *
 *     requestFromTrace`
 *       GET /orders                                          80ms
 *         pg: SELECT * FROM orders LIMIT 10                   4ms  rows 10
 *         pg: SELECT * FROM users WHERE id = $1 with (#)      2ms  x10`
 *
 * Each line is a span: `[tag:] text [with (values)] <duration>ms [xN] [at once] [rows N] [on shard] [fails] [-> status]`.
 * The first line is the request. `xN` repeats a line, one after the other or `at once`; `#` in it counts 1, 2, 3 …
 * `with (…)` are the bind values; a placeholder without them has values that nobody saw. Tags: pg, mysql, mariadb, sqlite, mssql;
 * any other tag is a span that is no query.
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
  const request = new LiveRequest({
    traceId: '00000000000000000000000000000001' as TraceId,
    rootSpanId: spanId(1),
    kind: root.text.startsWith('job ') ? 'job' : root.text.startsWith('consume ') ? 'message' : 'http',
    sampled: true,
    startTime: [0, 0],
    startedAtMs: 0,
    slowQueryMinMs: options.slowQueryMinMs ?? options.thresholds?.['slow-query']?.['minMs'] ?? 200,
  });
  addSpans(request, spans);
  const statusCode = root.statusCode ?? 200;
  return request.close(
    {
      endpoint: root.text as Endpoint,
      statusCode,
      failed: statusCode >= 500,
      aborted: false,
      durationMs: root.durationMs,
      queriesObserved: true,
    },
    options.thresholds ?? {},
    (code, thrown) => {
      throw new Error(`${code} threw`, { cause: thrown });
    },
  );
}

function addSpans(request: LiveRequest, lines: readonly TraceLine[]): void {
  let nextSpan = 2;
  let cursorMs = 0;
  for (const line of lines) {
    for (let n = 1; n <= line.times; n++) {
      addSpan(request, line, n, spanId(nextSpan++), cursorMs);
      if (!line.atOnce && line.tag in SYSTEMS) cursorMs += line.durationMs;
    }
    if (line.atOnce) cursorMs += line.durationMs;
  }
}

function addSpan(request: LiveRequest, line: TraceLine, n: number, id: SpanId, startMs: number): void {
  const system = SYSTEMS[line.tag];
  if (system === undefined) return;
  const shape = describeQuery(line.text.replaceAll('#', String(n)), system);
  if (shape.kind === 'control') {
    if (shape.startsTransaction) request.addTransaction();
    return;
  }
  const binds = line.values === undefined ? undefined : hashValues(line.values.replaceAll('#', String(n)).split(','));
  const known = binds ?? (shape.parameterCount === 0 ? 0 : undefined);
  request.addQuery({
    spanId: id,
    system,
    namespace: line.namespace,
    fingerprint: shape.fingerprint,
    text: shape.text,
    summary: shape.summary,
    kind: shape.kind,
    takesList: shape.takesList,
    startMs,
    durationMs: line.durationMs,
    failed: line.fails,
    parametersHash: known === undefined ? undefined : combineHashes(known, shape.literalsHash),
    rowCount: line.rows,
  });
}

function spanId(n: number): SpanId {
  return n.toString(16).padStart(16, '0') as SpanId;
}
