import { describe, expect, it } from 'vitest';
import { MAX_FINDINGS, QueryAnalyzer } from '../../analysis/query-analyzer.ts';
import type { AnalyzedRequest, Endpoint, TraceId } from '../../core/types.ts';
import { drawnRequest } from '../../testing/index.ts';

/** A request with a loop of `times` queries of `ms` on `table`. */
function loop(
  table: string,
  times: number,
  ms: number,
  about: { readonly trace?: string; readonly sampled?: boolean; readonly endpoint?: string } = {},
): AnalyzedRequest {
  const { trace = 'a', sampled = true, endpoint = 'GET /orders' } = about;
  const request = drawnRequest(
    `${endpoint} 900ms\n  pg: SELECT * FROM ${table} WHERE id = $1 with (#) ${ms}ms x${times}`,
  );
  return { ...request, traceId: trace.repeat(32) as TraceId, sampled };
}

const tablesOf = (analyzer: QueryAnalyzer): (string | undefined)[] =>
  analyzer.getReport().findings.map(({ finding }) => finding.evidence.exampleText?.split(' ')[3]);

describe('the query analyzer', () => {
  it('knows nothing at first, and nothing of requests without findings', () => {
    const analyzer = new QueryAnalyzer();
    expect(analyzer.add(drawnRequest('GET / 5ms'))).toEqual([]);
    expect(analyzer.getReport()).toEqual({ findings: [], findingsDropped: 0 });
  });

  it('adds one finding up over its requests', () => {
    const analyzer = new QueryAnalyzer();
    const requests = [loop('users', 10, 2), loop('users', 5, 8), loop('users', 20, 1)];
    for (const request of requests) analyzer.add(request);

    const { findings } = analyzer.getReport();
    expect(findings).toMatchObject([
      { requestCount: 3, totalMs: 20 + 40 + 20, repeatMs: 18 + 32 + 19, countMax: 20, evidenceSampled: true },
    ]);
    // The costliest occurrence stands for all of them.
    expect(findings[0]?.finding).toEqual(requests[1]?.findings[0]);
  });

  it('tells each finding as it stands now over all requests', () => {
    const analyzer = new QueryAnalyzer();
    const counts = [1, 2, 3].map(() => analyzer.add(loop('users', 10, 2))[0]?.requestCount);
    expect(counts).toEqual([1, 2, 3]);
  });

  it('gives copies: what it told does not change afterwards', () => {
    const analyzer = new QueryAnalyzer();
    const [told] = analyzer.add(loop('users', 10, 2));
    const report = analyzer.getReport();
    analyzer.add(loop('users', 10, 2));
    expect(told?.requestCount).toBe(1);
    expect(report.findings[0]?.requestCount).toBe(1);
  });

  it('keeps endpoints apart, and can tell of one', () => {
    const analyzer = new QueryAnalyzer();
    analyzer.add(loop('users', 10, 2));
    analyzer.add(loop('users', 10, 2, { endpoint: 'GET /carts' }));
    expect(analyzer.getReport().findings).toHaveLength(2);
    expect(analyzer.getReport({ endpoint: 'GET /carts' as Endpoint }).findings).toMatchObject([
      { finding: { endpoint: 'GET /carts' }, requestCount: 1 },
    ]);
    expect(analyzer.getReport({ endpoint: 'GET /none' as Endpoint }).findings).toEqual([]);
  });

  it('puts the finding with the most time in its repeats first', () => {
    const analyzer = new QueryAnalyzer();
    analyzer.add(loop('cheap', 10, 1));
    analyzer.add(loop('dear', 10, 9));
    for (let n = 0; n < 5; n++) analyzer.add(loop('frequent', 10, 4));
    expect(tablesOf(analyzer)).toEqual(['frequent', 'dear', 'cheap']);
  });

  // Both findings have one fingerprint, for the database is not in it.
  it('counts a request once in a finding that it has on two shards', () => {
    const analyzer = new QueryAnalyzer();
    const query = 'pg: SELECT * FROM users WHERE id = $1 with (#) 2ms x5';
    analyzer.add(drawnRequest(`GET /orders 80ms\n  ${query} on shard1\n  ${query} on shard2`));
    expect(analyzer.getReport().findings).toMatchObject([{ requestCount: 1, totalMs: 20 }]);
  });

  it('forgets all on reset', () => {
    const analyzer = new QueryAnalyzer({ maxFindings: 1 });
    analyzer.add(loop('users', 10, 2));
    analyzer.add(loop('items', 10, 2));
    analyzer.reset();
    expect(analyzer.getReport()).toEqual({ findings: [], findingsDropped: 0 });
  });
});

describe('the bound on findings', () => {
  it('lets the least costly one go for a new one, and counts it', () => {
    const analyzer = new QueryAnalyzer({ maxFindings: 3 });
    analyzer.add(loop('dear', 10, 9));
    analyzer.add(loop('least', 10, 1));
    analyzer.add(loop('middle', 10, 4));
    expect(analyzer.getReport().findingsDropped).toBe(0);

    analyzer.add(loop('new', 10, 0.5));
    expect(tablesOf(analyzer)).toEqual(['dear', 'middle', 'new']);
    expect(analyzer.getReport().findingsDropped).toBe(1);
  });

  it('weighs a finding by all its requests: a cheap one that comes often stays', () => {
    const analyzer = new QueryAnalyzer({ maxFindings: 2 });
    for (let n = 0; n < 9; n++) analyzer.add(loop('frequent', 10, 1));
    analyzer.add(loop('once', 10, 5));
    analyzer.add(loop('new', 10, 2));
    expect(tablesOf(analyzer)).toEqual(['frequent', 'new']);
  });

  it('is not used up by findings that are known', () => {
    const analyzer = new QueryAnalyzer({ maxFindings: 2 });
    for (let n = 0; n < 20; n++) analyzer.add(loop(n % 2 === 0 ? 'users' : 'items', 10, 2));
    expect(analyzer.getReport()).toMatchObject({ findingsDropped: 0, findings: [{}, {}] });
  });

  it('is 1000: the 1001st makes one leave', () => {
    expect(MAX_FINDINGS).toBe(1000);
    const analyzer = new QueryAnalyzer();
    for (let n = 0; n < 1001; n++) analyzer.add(loop('users', 5, 1, { endpoint: `GET /r${n}` }));
    expect(analyzer.getReport().findings).toHaveLength(1000);
    expect(analyzer.getReport().findingsDropped).toBe(1);
  });
});

describe('the trace that stands as evidence', () => {
  const evidenceAfter = (...requests: AnalyzedRequest[]): string | undefined => {
    const analyzer = new QueryAnalyzer();
    for (const request of requests) analyzer.add(request);
    return analyzer.getReport().findings[0]?.evidenceTraceId[0];
  };

  it('is an exported one as soon as there is one, however costly the others', () => {
    const unsampled = loop('users', 10, 9, { trace: 'a', sampled: false });
    const sampled = loop('users', 10, 1, { trace: 'b' });
    expect(evidenceAfter(unsampled)).toBe('a');
    expect(evidenceAfter(unsampled, sampled)).toBe('b');
    expect(evidenceAfter(sampled, unsampled)).toBe('b');
  });

  it('is the costliest of the exported ones', () => {
    const cheap = loop('users', 10, 1, { trace: 'b' });
    const dear = loop('users', 10, 9, { trace: 'c' });
    expect(evidenceAfter(cheap, dear)).toBe('c');
    expect(evidenceAfter(dear, cheap)).toBe('c');
  });
});
