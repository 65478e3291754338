import { describe, expect, it } from 'vitest';
import { renderTrace, type DrawnSpan } from '../../testing/index.ts';

const span = (spanId: string, parentSpanId: string | undefined, label: string, startMs: number): DrawnSpan => ({
  spanId,
  parentSpanId,
  label,
  startMs,
});

describe('renderTrace', () => {
  it('draws nothing for no spans', () => {
    expect(renderTrace([])).toBe('');
  });

  it('draws children below their parents, in the order of their starts', () => {
    const spans = [
      span('c', 'b', 'pg: SELECT users', 3),
      span('b', 'a', 'fn: load', 2),
      span('a', undefined, 'GET /', 0),
    ];
    expect(renderTrace([...spans, span('d', 'a', 'fn: before', 1)])).toBe(
      ['GET /', '  fn: before', '  fn: load', '    pg: SELECT users'].join('\n'),
    );
  });

  it('folds neighbours with the same label into one line', () => {
    const loop = [3, 1, 2].map((n) => span(`q${n}`, 'a', 'pg: SELECT users', n));
    expect(renderTrace([...loop, span('a', undefined, 'GET /', 0)])).toBe('GET /\n  pg: SELECT users x3');
  });

  it('folds neither what stands apart nor what has children', () => {
    const spans = [
      span('a', undefined, 'GET /', 0),
      span('b', 'a', 'fn: load', 1),
      span('c', 'b', 'pg: SELECT users', 2),
      span('d', 'a', 'fn: load', 3),
      span('e', 'a', 'pg: BEGIN', 4),
      span('f', 'a', 'fn: load', 5),
    ];
    expect(renderTrace(spans)).toBe(
      ['GET /', '  fn: load', '    pg: SELECT users', '  fn: load', '  pg: BEGIN', '  fn: load'].join('\n'),
    );
  });

  it('draws a span whose parent is elsewhere at the left', () => {
    expect(renderTrace([span('b', 'remote', 'GET /', 0), span('c', 'b', 'fn: load', 1)])).toBe('GET /\n  fn: load');
  });
});
