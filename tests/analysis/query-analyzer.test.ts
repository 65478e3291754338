import { describe, expect, it } from 'vitest';
import { MAX_FINDINGS } from '../../analysis/finding-totals.ts';
import { QueryAnalyzer } from '../../analysis/query-analyzer.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest, CallSite, Endpoint, TraceId } from '../../core/types.ts';
import { drawnRequest, FakeClock } from '../../testing/index.ts';

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
  // What is saved is the detectors' to say; here it follows from the picture.
  const saved = ((times - 1) * ms) / 2;
  return { ...withEach(request, { savedMs: [saved / 2, saved] }), traceId: trace.repeat(32) as TraceId, sampled };
}

function withEach(request: AnalyzedRequest, parts: Partial<Finding>): AnalyzedRequest {
  return { ...request, findings: request.findings.map((finding) => ({ ...finding, ...parts })) };
}

const NOTHING = {
  findings: [],
  highFrequencyEndpoints: [],
  lowCacheHitRates: [],
  observedMs: 0,
  findingsDropped: 0,
  findingsSuppressed: 0,
  requestsInOther: 0,
};

const TOP_REFUSED = 'getReport: top is not a whole number from 0. Expected how many findings to give, for example 10.';

const tablesOf = (analyzer: QueryAnalyzer): (string | undefined)[] =>
  analyzer.getReport().findings.map(({ finding }) => finding.evidence.exampleText?.split(' ')[3]);

describe('the query analyzer', () => {
  it('knows nothing at first, and nothing of requests without findings', () => {
    const analyzer = new QueryAnalyzer({ clock: new FakeClock(7) });
    expect(analyzer.getReport()).toEqual(NOTHING);
    expect(analyzer.add(drawnRequest('GET / 5ms'))).toEqual([]);
    expect(analyzer.getReport()).toEqual(NOTHING);
  });

  it.each([0, -1, NaN, 1.5, Infinity])('refuses a limit that is no whole number from 1: %f', (limit) => {
    for (const name of ['maxFindings', 'maxEndpoints'])
      expect(() => new QueryAnalyzer({ [name]: limit })).toThrow(
        expect.objectContaining({
          code: 'SLOWPATH_ANALYZER_OPTIONS',
          message: `QueryAnalyzer: ${name} ${limit} is not a whole number from 1; the default is 1000.`,
        }),
      );
  });

  it('allocates nothing for requests without findings', () => {
    const analyzer = new QueryAnalyzer();
    const clean = drawnRequest('GET / 5ms');
    expect(analyzer.add(clean)).toBe(analyzer.add(clean));
  });

  it('adds one finding up over its requests', () => {
    const analyzer = new QueryAnalyzer();
    const requests = [loop('users', 10, 2), loop('users', 5, 8), loop('users', 20, 1)];
    for (const request of requests) analyzer.add(request);

    const { findings } = analyzer.getReport();
    expect(findings).toMatchObject([
      {
        requestCount: 3,
        totalMs: 20 + 40 + 20,
        repeatMs: 18 + 32 + 19,
        savedMs: [(9 + 16 + 9.5) / 2, 9 + 16 + 9.5],
        countMax: 20,
        evidenceSampled: true,
      },
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

  it('puts the finding first whose fix saves most over all requests', () => {
    const analyzer = new QueryAnalyzer();
    analyzer.add(loop('cheap', 10, 1));
    analyzer.add(loop('dear', 10, 9));
    for (let n = 0; n < 5; n++) analyzer.add(loop('frequent', 10, 4));
    expect(tablesOf(analyzer)).toEqual(['frequent', 'dear', 'cheap']);
  });

  it('ranks by what is saved and not by what it takes; then by the time in repeats, then by all time', () => {
    const analyzer = new QueryAnalyzer();
    analyzer.add(withEach(loop('slow', 10, 90), { savedMs: [0, 0] }));
    analyzer.add(withEach(loop('sure', 10, 1), { savedMs: [5, 5] }));
    analyzer.add(withEach(loop('unsure', 10, 2), { savedMs: [0, 10] }));
    analyzer.add(withEach(loop('slower', 10, 91), { savedMs: [0, 0] }));
    expect(tablesOf(analyzer)).toEqual(['unsure', 'sure', 'slower', 'slow']);
  });

  it('tells of the first few only, when asked to', () => {
    const analyzer = new QueryAnalyzer();
    for (const table of ['a', 'b', 'c']) analyzer.add(loop(table, 10, 2));
    expect(analyzer.getReport({ top: 2 }).findings).toEqual(analyzer.getReport().findings.slice(0, 2));
    expect(analyzer.getReport({ top: 0 }).findings).toEqual([]);
    for (const top of [-1, 1.5, NaN]) expect(() => analyzer.getReport({ top })).toThrow(new TypeError(TOP_REFUSED));
  });

  it('knows the line of the application from any occurrence that knew it', () => {
    const site = (line: number): CallSite => ({ file: 'src/orders.ts', line });
    const at = (request: AnalyzedRequest, line: number): AnalyzedRequest => ({
      ...request,
      findings: request.findings.map((one) => ({ ...one, evidence: { ...one.evidence, callSite: site(line) } })),
    });
    const lineAfter = (...requests: AnalyzedRequest[]): number | undefined => {
      const analyzer = new QueryAnalyzer();
      for (const request of requests) analyzer.add(request);
      return analyzer.getReport().findings[0]?.finding.evidence.callSite?.line;
    };
    const [cheap, dear] = [loop('users', 10, 1), loop('users', 10, 9)];
    expect(lineAfter(cheap, dear)).toBeUndefined();
    expect(lineAfter(at(cheap, 1), dear)).toBe(1);
    expect(lineAfter(dear, at(cheap, 1))).toBe(1);
    // The costliest occurrence is what the finding speaks of: its own line stands above the others'.
    expect(lineAfter(at(cheap, 1), at(dear, 2))).toBe(2);
    expect(lineAfter(at(dear, 2), at(cheap, 1))).toBe(2);
  });

  it('adds up what suppressions took out', () => {
    const analyzer = new QueryAnalyzer();
    for (const findingsSuppressed of [0, 2, 3]) analyzer.add({ ...drawnRequest('GET / 5ms'), findingsSuppressed });
    expect(analyzer.getReport().findingsSuppressed).toBe(5);
  });

  // Both findings have one fingerprint, for the database is not in it.
  it('counts a request once in a finding that it has on two shards', () => {
    const analyzer = new QueryAnalyzer();
    const query = 'pg: SELECT * FROM users WHERE id = $1 with (#) 2ms x5';
    analyzer.add(drawnRequest(`GET /orders 80ms\n  ${query} on shard1\n  ${query} on shard2`));
    expect(analyzer.getReport().findings).toMatchObject([{ requestCount: 1, totalMs: 20 }]);
  });

  it('forgets all on reset', () => {
    const clock = new FakeClock();
    const analyzer = new QueryAnalyzer({ maxFindings: 1, maxEndpoints: 1, clock });
    analyzer.add({ ...loop('users', 10, 2), findingsSuppressed: 1 });
    analyzer.add(loop('items', 10, 2, { endpoint: 'GET /carts' }));
    clock.advance(90_000);
    analyzer.reset();
    expect(analyzer.getReport()).toEqual(NOTHING);
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

  it('lets the oldest one go among equals', () => {
    const analyzer = new QueryAnalyzer({ maxFindings: 2 });
    for (const table of ['first', 'second', 'third']) analyzer.add(loop(table, 10, 2));
    expect(tablesOf(analyzer)).toEqual(['second', 'third']);
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
