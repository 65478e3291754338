import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import { drawnRequest } from '../../testing/index.ts';
import { queryEvent, requestWith, type TimedQuery } from './query-event.ts';

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

describe('findings, in whatever order the spans of a request end', () => {
  const event = fc.record({
    shape: fc.constantFrom('a', 'b', 'c', 'd'),
    kind: fc.constantFrom('read' as const, 'read' as const, 'write' as const),
    startMs: fc.integer({ min: 0, max: 400 }),
    durationMs: fc.integer({ min: 1, max: 250 }),
    parametersHash: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
    rowCount: fc.option(fc.nat(2000), { nil: undefined }),
    failed: fc.boolean(),
  });
  /** What names a finding and says how bad it is. */
  const found = (events: readonly TimedQuery[]): readonly string[] =>
    requestWith(events)
      .findings.filter(({ kind }) => kind !== 'consecutive-queries')
      .map(({ kind, fingerprint, severity, confidence, evidence }) =>
        [kind, fingerprint, severity, confidence, evidence.count, evidence.mode, evidence.distinctParameters].join(' '),
      )
      .toSorted();

  it('are the same, up to 16 queries of a shape', () => {
    let withFindings = 0;
    const shuffled = fc
      .array(event, { minLength: 8, maxLength: 40 })
      .map((parts) => {
        const counts = new Map<string, number>();
        const queries = parts.map((part, id) => queryEvent({ ...part, shape: part.shape + part.kind, id }));
        return queries.filter(({ text }) => {
          counts.set(text, (counts.get(text) ?? 0) + 1);
          return (counts.get(text) ?? 0) <= 16;
        });
      })
      .chain((queries) => fc.tuple(fc.constant(queries), fc.shuffledSubarray(queries, { minLength: queries.length })));
    fc.assert(
      fc.property(shuffled, ([queries, others]) => {
        const first = found(queries);
        if (first.length > 0) withFindings++;
        expect(found(others)).toEqual(first);
      }),
      { seed: 4, numRuns: 400 },
    );
    expect(withFindings).toBeGreaterThan(100);
  });

  it('are the same when ends that fall on one moment come in another order, of any number of queries', () => {
    const ties = fc
      .array(
        fc.record({ shape: fc.constantFrom('a', 'b'), endMs: fc.nat(9).map((n) => 100 * n + 100), ms: fc.nat(90) }),
        {
          minLength: 20,
          maxLength: 120,
        },
      )
      .chain((parts) => {
        const queries = parts.map(({ shape, endMs, ms }, id) =>
          queryEvent({ id, shape, startMs: endMs - ms, durationMs: ms, parametersHash: (id % 12) + 1 }),
        );
        return fc.tuple(fc.constant(queries), fc.shuffledSubarray(queries, { minLength: queries.length }));
      });
    const byEnd = (a: TimedQuery, b: TimedQuery): number => a.startMs + a.durationMs - b.startMs - b.durationMs;
    fc.assert(
      fc.property(ties, ([queries, others]) => {
        expect(found(others.toSorted(byEnd))).toEqual(found(queries.toSorted(byEnd)));
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

/** Sums of durations depend on the order in the last digit only. */
function withoutRounding<F extends { readonly evidence: { readonly repeatMs: number } }>(finding: F): F {
  return { ...finding, evidence: { ...finding.evidence, repeatMs: Math.round(finding.evidence.repeatMs * 1e6) / 1e6 } };
}
