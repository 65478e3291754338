/** A span as a picture needs it. */
export interface DrawnSpan {
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly label: string;
  readonly startMs: number;
}

/**
 * Draws spans as an indented picture, one line per span, in start order; durations are left out, for real clocks vary.
 * Neighbours with the same label and without children fold into one line with `xN`. A span whose parent is not among
 * them is drawn at the left.
 */
export function renderTrace(spans: readonly DrawnSpan[]): string {
  const ids = new Set(spans.map((span) => span.spanId));
  const childrenOf = Map.groupBy(spans, (span) =>
    span.parentSpanId !== undefined && ids.has(span.parentSpanId) ? span.parentSpanId : 'root',
  );
  const draw = (parent: string, depth: number): string[] => {
    const lines: { label: string; times: number; below: string[] }[] = [];
    for (const span of (childrenOf.get(parent) ?? []).toSorted((a, b) => a.startMs - b.startMs)) {
      const below = draw(span.spanId, depth + 1);
      const last = lines.at(-1);
      if (below.length === 0 && last?.below.length === 0 && last.label === span.label) last.times++;
      else lines.push({ label: span.label, times: 1, below });
    }
    return lines.flatMap(({ label, times, below }) => [
      '  '.repeat(depth) + label + (times > 1 ? ` x${times}` : ''),
      ...below,
    ]);
  };
  return draw('root', 0).join('\n');
}
