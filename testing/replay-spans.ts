import { isRollback } from '../analysis/is-rollback.ts';
import { CACHE_RESULTS } from '../core/cache-result.ts';
import { combineHashes, hashValues } from '../core/keyed-hash.ts';
import type { SpanId } from '../core/types.ts';
import { describeHttpCall, describeKeyValueCommand } from '../request/call-shapes.ts';
import type { LiveRequest } from '../request/live-request.ts';
import type { HoldMark } from '../request/open-transactions.ts';
import { describeQuery } from '../sql/index.ts';
import type { PlacedSpan } from './place-spans.ts';

const SQL_SYSTEMS: Readonly<Record<string, string>> = {
  pg: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mariadb',
  sqlite: 'sqlite',
  mssql: 'microsoft.sql_server',
};
const KEY_VALUE_SYSTEMS = new Set(['redis', 'valkey', 'memcached']);

/** Lets the spans start and end in the request in the order of time, as live ones do. */
export function replaySpans(request: LiveRequest, spans: readonly PlacedSpan[]): void {
  const marks = new Map<PlacedSpan, HoldMark>();
  const moments = spans.flatMap((span) => {
    // What starts at the moment at which another span ends starts after it; a span without length still starts first.
    const endPhase = span.endMs > span.startMs ? 0 : 2;
    return [
      { atMs: span.startMs, phase: 1, span, run: () => void marks.set(span, start(request, span)) },
      { atMs: span.endMs, phase: endPhase, span, run: () => end(request, span, marks.get(span) ?? -1) },
    ];
  });
  moments.sort((a, b) => a.atMs - b.atMs || a.phase - b.phase || a.span.number - b.span.number);
  for (const { run } of moments) run();
}

function start(request: LiveRequest, { line }: PlacedSpan): HoldMark {
  if (line.tag === 'http') return request.callStarted();
  if (line.tag in SQL_SYSTEMS) request.statementStarted();
  return -1;
}

function end(request: LiveRequest, span: PlacedSpan, mark: HoldMark): void {
  const { tag } = span.line;
  const system = SQL_SYSTEMS[tag];
  if (system !== undefined) endStatement(request, span, system);
  else if (tag === 'http') endCall(request, span, mark);
  else if (KEY_VALUE_SYSTEMS.has(tag)) endCommand(request, span, tag);
  else if (tag === 'cache') endLookup(request, span);
}

function endStatement(request: LiveRequest, span: PlacedSpan, system: string): void {
  const { line, startMs } = span;
  request.statementEnded();
  const shape = describeQuery(textOf(span), system);
  if (shape.endsTransaction) request.endTransaction(line.fails || isRollback(shape.text));
  // A BEGIN that failed has opened nothing.
  const began = shape.startsTransaction && !(line.fails && shape.kind === 'control');
  if (began) request.beginTransaction();
  if (shape.kind === 'control') return;
  const values = line.values?.replaceAll('#', String(span.repeat)).split(',');
  const binds = values === undefined ? undefined : hashValues(values);
  const known = binds ?? (shape.parameterCount === 0 ? 0 : undefined);
  request.addQuery({
    spanId: spanIdOf(span),
    system,
    namespace: line.namespace,
    fingerprint: shape.fingerprint,
    text: shape.text,
    summary: shape.summary,
    kind: shape.kind,
    takesList: shape.takesList,
    listSize: Math.max(shape.listSize, shape.takesList ? (values?.length ?? 0) : 0),
    traits: shape.traits,
    client: undefined,
    startMs,
    durationMs: line.durationMs,
    failed: line.fails,
    parametersHash: known === undefined ? undefined : combineHashes(known, shape.literalsHash),
    rowCount: line.rows,
  });
}

function endCall(request: LiveRequest, span: PlacedSpan, mark: HoldMark): void {
  const { line, startMs } = span;
  const [method = '', url = ''] = textOf(span).split(' ');
  const shape = describeHttpCall(method, url);
  if (shape === undefined) return;
  const { durationMs, fails, statusCode = 200 } = line;
  const event = { spanId: spanIdOf(span), startMs, durationMs, failed: fails || statusCode >= 400 };
  request.addCall({ type: 'http', system: 'http', client: undefined, ...shape, ...event }, mark);
}

function endCommand(request: LiveRequest, span: PlacedSpan, system: string): void {
  const { line, startMs } = span;
  const shape = describeKeyValueCommand(textOf(span), system);
  if (shape === undefined) return;
  const event = { spanId: spanIdOf(span), startMs, durationMs: line.durationMs, failed: line.fails };
  request.addCall({ type: 'kv', system, client: undefined, ...shape, ...event });
}

/** `hit user:{userId}:settings`: what became of the look-up, and what it was for. A miss computes for as long as it lasts. */
function endLookup(request: LiveRequest, { line }: PlacedSpan): void {
  const [word] = line.text.split(' ');
  const result = CACHE_RESULTS.find((known) => known === word);
  if (result === undefined)
    throw new Error(
      `a look-up ends as none of ${CACHE_RESULTS.join(', ')}: "cache: ${line.text}". Write: cache: hit users 0ms`,
    );
  request.addCacheLookup(result, line.savedMs, Infinity);
  if (result === 'miss') request.addCacheCompute(line.durationMs);
}

function textOf({ line, repeat }: PlacedSpan): string {
  return line.text.replaceAll('#', String(repeat));
}

function spanIdOf({ number }: PlacedSpan): SpanId {
  return number.toString(16).padStart(16, '0') as SpanId;
}
