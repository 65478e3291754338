import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import { drawnRequest } from '../../testing/index.ts';
import { queryEvent, requestWith } from './query-event.ts';

describe('n-plus-one, whatever the request', () => {
  /** Queries of some shapes and shards that were all running at one moment. */
  const parallelQueries = fc.array(
    fc.record({
      shape: fc.constantFrom('a', 'b', 'c'),
      namespace: fc.constantFrom('', 'shard1'),
      kind: fc.constantFrom('read' as const, 'write' as const),
      startMs: fc.integer({ min: 0, max: 9 }),
      durationMs: fc.integer({ min: 10, max: 400 }),
      parametersHash: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    }),
    { maxLength: 60 },
  );

  it('finds the same in whichever order parallel queries end', () => {
    fc.assert(
      fc.property(
        parallelQueries.chain((queries) =>
          fc.tuple(fc.constant(queries), fc.shuffledSubarray(queries, { minLength: queries.length })),
        ),
        ([queries, shuffled]) => {
          // Which spans are named as examples depends on the order, by design.
          const found = (events: typeof queries) =>
            requestWith(
              events.map((event, index) => queryEvent({ ...event, shape: event.shape + event.kind, id: index })),
            )
              .findings.map(({ evidence, ...finding }) => ({ ...finding, evidence: { ...evidence, spanIds: [] } }))
              .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
          const first = found(queries);
          const second = found(shuffled);
          expect(second.map(withoutRounding)).toEqual(first.map(withoutRounding));
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('never counts a query in two findings, and every group of enough differing queries in one', () => {
    const line = fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('', ' at once', ' on shard1', ' on shard2'),
      fc.constantFrom('#', '7'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const request = drawnRequest(
          [
            'GET /x 1000ms',
            ...lines.map(
              ([table, times, option, value]) =>
                `  pg: SELECT * FROM ${table} WHERE id = $1 with (${value}) 1ms x${times}${option}`,
            ),
          ].join('\n'),
        );
        const counts = new Map<string, { count: number; values: Set<string> }>();
        for (const [table, times, option, value] of lines) {
          const key = table + (option.includes('shard') ? option : '');
          const entry = counts.get(key) ?? { count: 0, values: new Set<string>() };
          entry.count += times;
          for (let n = 1; n <= times; n++) entry.values.add(value === '#' ? String(n) : value);
          counts.set(key, entry);
        }
        const expected = [...counts.values()].filter(({ count, values }) => count >= 5 && values.size > 1);
        const findings = nPlusOne.detect(request, nPlusOne.defaults);
        expect(findings.map(({ evidence }) => evidence.count).toSorted((a, b) => a - b)).toEqual(
          expected.map(({ count }) => count).toSorted((a, b) => a - b),
        );
        const spanIds = findings.flatMap(({ evidence }) => evidence.spanIds);
        expect(new Set(spanIds).size).toBe(spanIds.length);
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

/** Sums of durations depend on the order in the last digit only. */
function withoutRounding<F extends { readonly evidence: { readonly repeatMs: number } }>(finding: F): F {
  return { ...finding, evidence: { ...finding.evidence, repeatMs: Math.round(finding.evidence.repeatMs * 1e6) / 1e6 } };
}
