import type { TraceLine } from './parse-trace-line.ts';

/** One span of a picture, placed in time. Milliseconds from the start of the request. */
export interface PlacedSpan {
  readonly line: TraceLine;
  /** Its number among the repeats of its line, from 1. */
  readonly repeat: number;
  /** From 2: the request itself is 1. */
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Places the spans of a picture: each line after the one before it, unless it stands `beside` it. */
export function placeSpans(lines: readonly TraceLine[]): readonly PlacedSpan[] {
  const spans: PlacedSpan[] = [];
  let lineStartMs = 0;
  let cursorMs = 0;
  let number = 2;
  for (const [index, line] of lines.entries()) {
    // The lines below a span are what it spends its time on.
    const hasLinesBelow = (lines[index + 1]?.indent ?? 0) > line.indent;
    const { durationMs } = line;
    if (!line.beside) lineStartMs = cursorMs;
    let startMs = lineStartMs;
    for (let repeat = 1; repeat <= line.times; repeat++) {
      spans.push({ line, repeat, number: number++, startMs, endMs: startMs + durationMs });
      if (!hasLinesBelow) cursorMs = Math.max(cursorMs, startMs + durationMs);
      if (!line.atOnce && !hasLinesBelow) startMs += durationMs;
    }
  }
  return spans;
}
