import type { ReceivedSpan } from '../../support/otlp-receiver.ts';

/** Different from one process to the other. */
const OF_THE_PROCESS = ['network.peer.port', 'server.port', 'url.full', 'user_agent.original'];
/** Measured. */
const TIMES = ['slowpath.query.duration', 'exception.stacktrace'];

/** What is compared of a trace's spans: everything but ids, times, ports, and the scope that tells who made them. */
export function comparable(spans: readonly ReceivedSpan[]): readonly string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .map(({ name, kind, parentSpanId, status, traceState, flags, attributes, events, startMs, endMs }) =>
      JSON.stringify({
        name,
        kind,
        parent: parentSpanId === undefined ? 'none' : (names.get(parentSpanId) ?? parentSpanId),
        status: [status.code ?? 0, status.message ?? ''],
        traceState,
        flags,
        attributes: masked(attributes),
        events: events.map((event) => [event.name, masked(event.attributes)]),
        isInOrder: startMs <= endMs,
      }),
    )
    .toSorted();
}

function masked(attributes: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(attributes)
    .filter(([name]) => !TIMES.includes(name))
    .map(([name, value]) => [name, OF_THE_PROCESS.includes(name) ? typeof value : value] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}
