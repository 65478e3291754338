import { describe, expect, it } from 'vitest';
import { highFrequencyEndpoint, type HighFrequencyEndpoint } from '../../analysis/high-frequency-endpoint.ts';
import { MAX_LOADS } from '../../analysis/high-frequency-loads.ts';
import { QueryAnalyzer, type QueryAnalyzerOptions } from '../../analysis/query-analyzer.ts';
import type { SavedMs } from '../../core/finding.ts';
import type { AnalyzedRequest, Endpoint } from '../../core/types.ts';
import { drawnRequest, FakeClock } from '../../testing/index.ts';

/** Requests of some duration without a query. */
function quiet(endpoint: string, durationMs: number): AnalyzedRequest {
  return drawnRequest(`${endpoint} ${durationMs}ms`);
}

/** Requests of 100 ms with a loop whose fix saves so much of it. */
function wasteful(endpoint: string, savedMs: SavedMs): AnalyzedRequest {
  const request = drawnRequest(`${endpoint} 100ms\n  pg: SELECT * FROM users WHERE id = $1 with (#) 4ms x20`);
  expect(request.findings.map(({ kind }) => kind)).toEqual(['n-plus-one']);
  return { ...request, findings: request.findings.map((finding) => ({ ...finding, savedMs })) };
}

/** The busy endpoints of a process that saw each of the requests so many times, within so many milliseconds. */
function busyAfter(
  ms: number,
  requests: readonly (readonly [AnalyzedRequest, number])[],
  options: QueryAnalyzerOptions = {},
): readonly HighFrequencyEndpoint[] {
  const clock = new FakeClock(1e6);
  const analyzer = new QueryAnalyzer({ ...options, clock });
  for (const [request, times] of requests) {
    for (let n = 0; n < times; n++) analyzer.add(request);
  }
  clock.advance(ms);
  return analyzer.getReport().highFrequencyEndpoints;
}

describe('a high-frequency endpoint', () => {
  it('is asked 600 times a minute and takes a fifth of the time', () => {
    const others = [quiet('GET /others', 100), 96] as const;
    expect(busyAfter(120_000, [[quiet('GET /rates', 2), 1200], others])).toEqual([
      {
        endpoint: 'GET /rates',
        requestCount: 1200,
        requestsPerMinute: 600,
        durationMsAvg: 2,
        totalMs: 2400,
        timeShare: 2400 / (2400 + 9600),
        wastedMs: 0,
        wastedMsPerMinute: 0,
        finding: {
          kind: 'high-frequency-endpoint',
          severity: 'info',
          endpoint: 'GET /rates',
          fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/) as unknown,
          summary: '600 requests per minute of 2.0 ms each took 20 % of the time of all requests',
          recommendation:
            'Nothing in it is known to be wasted: cache its answer, or what it is computed from, or have it asked less often.',
          confidence: 0.5,
          savedMs: [0, 0],
          evidence: { count: 1200, totalMs: 2400, repeatMs: 0, spanIds: [] },
        },
      },
    ]);
    expect(busyAfter(120_000, [[quiet('GET /rates', 2), 1199], others])).toEqual([]);
    expect(busyAfter(120_000, [[quiet('GET /rates', 2), 1200], others, [quiet('GET /more', 1), 1]])).toEqual([]);
  });

  it('is not known before a minute was observed', () => {
    const many = [[quiet('GET /rates', 2), 10_000]] as const;
    expect(busyAfter(59_999, many)).toEqual([]);
    expect(busyAfter(60_000, many)).toMatchObject([{ requestsPerMinute: 10_000 }]);
  });

  it('is observed from the first request on, and from the first after a reset', () => {
    const clock = new FakeClock();
    const analyzer = new QueryAnalyzer({ clock });
    const fill = (): void => {
      for (let n = 0; n < 700; n++) analyzer.add(quiet('GET /rates', 2));
    };
    clock.advance(3_600_000);
    fill();
    clock.advance(60_000);
    expect(analyzer.getReport()).toMatchObject({ observedMs: 60_000, highFrequencyEndpoints: [{ requestCount: 700 }] });
    analyzer.reset();
    clock.advance(3_600_000);
    fill();
    clock.advance(60_000);
    expect(analyzer.getReport()).toMatchObject({ observedMs: 60_000, highFrequencyEndpoints: [{ requestCount: 700 }] });
  });

  it('obeys the thresholds that were given, then and later', () => {
    const few = [[quiet('GET /rates', 2), 100]] as const;
    expect(busyAfter(60_000, few)).toEqual([]);
    const thresholds = { 'high-frequency-endpoint': { minRequestsPerMinute: 100 } };
    expect(busyAfter(60_000, few, { thresholds })).toHaveLength(1);
    expect(busyAfter(60_001, few, { thresholds })).toEqual([]);

    const clock = new FakeClock();
    const analyzer = new QueryAnalyzer({ clock });
    for (let n = 0; n < 100; n++) analyzer.add(quiet('GET /rates', 2));
    clock.advance(60_000);
    analyzer.setThresholds(undefined);
    expect(analyzer.getReport().highFrequencyEndpoints).toEqual([]);
    analyzer.setThresholds(thresholds);
    expect(analyzer.getReport().highFrequencyEndpoints).toHaveLength(1);
  });

  it('has no request without a duration, and none that lasts as long as its client likes', () => {
    const odd = [NaN, Infinity, -1].map((durationMs) => [{ ...quiet('GET /rates', 2), durationMs }, 900] as const);
    const left = [{ ...quiet('GET /rates', 2), aborted: true }, 900] as const;
    const open = (['stream', 'upgrade'] as const).map(
      (connection) => [{ ...quiet('GET /rates', 2), connection }, 900] as const,
    );
    expect(busyAfter(60_000, [...odd, left, ...open, [quiet('GET /rates', 2), 600]])).toMatchObject([
      { requestCount: 600, totalMs: 1200, timeShare: 1 },
    ]);
  });
});

describe('what a high-frequency endpoint wastes', () => {
  it('is the middle of what its fixes save, in all and per minute', () => {
    const [busy] = busyAfter(120_000, [
      [wasteful('GET /orders', [20, 40]), 1200],
      [quiet('GET /orders', 50), 1200],
    ]);
    expect(busy).toMatchObject({
      requestCount: 2400,
      durationMsAvg: 75,
      wastedMs: 1200 * 30,
      wastedMsPerMinute: 600 * 30,
      finding: { savedMs: [10, 20], evidence: { repeatMs: 36_000 } },
    });
    expect(busy?.finding.summary).toBe(
      '1200 requests per minute of 75.0 ms each took 100 % of the time of all requests; 20 % of it can be saved',
    );
  });

  it('is a warning from a tenth of its time on, and says what to fix first', () => {
    const one = wasteful('GET /orders', [10, 10]);
    const [warning] = busyAfter(60_000, [[one, 600]]);
    expect(warning?.finding).toMatchObject({
      severity: 'warning',
      recommendation: `Fix its n-plus-one first: ${one.findings[0]?.recommendation}`,
      confidence: one.findings[0]?.confidence,
    });
    const [info] = busyAfter(60_000, [[wasteful('GET /orders', [9, 9.9]), 600]]);
    expect(info?.finding.severity).toBe('info');
  });

  it('names the finding that saves most at this endpoint, not one of another', () => {
    const dear = wasteful('GET /other', [60, 90]);
    const [small, large] = [wasteful('GET /orders', [4, 5]), wasteful('GET /orders', [20, 40])].map((request, n) => ({
      ...request,
      findings: request.findings.map((finding) => ({
        ...finding,
        fingerprint: `f${n}` as typeof finding.fingerprint,
        recommendation: `fix ${n}`,
      })),
    }));
    if (small === undefined || large === undefined) throw new Error('two requests were drawn');
    const busy = busyAfter(60_000, [
      [dear, 10],
      [small, 600],
      [large, 600],
    ]);
    expect(busy.map(({ finding }) => finding.recommendation)).toEqual(['Fix its n-plus-one first: fix 1']);
  });

  it('is never more than the request took', () => {
    expect(busyAfter(60_000, [[wasteful('GET /orders', [900, 5000]), 600]])).toMatchObject([
      { wastedMs: 600 * 100, finding: { savedMs: [100, 100] } },
    ]);
  });

  it('comes first in the list; then the time that the endpoint takes', () => {
    const busy = busyAfter(60_000, [
      [quiet('GET /a', 60), 600],
      [wasteful('GET /b', [1, 1]), 600],
      [quiet('POST /c', 70), 600],
    ]);
    expect(busy.map(({ endpoint }) => endpoint)).toEqual(['GET /b', 'POST /c', 'GET /a']);
    expect(busy[1]?.finding.recommendation).toMatch(/let one request do the work of several\.$/);
  });
});

describe('the bound on endpoints', () => {
  it('is 1000; requests of others are counted, and their time with them', () => {
    expect(MAX_LOADS).toBe(1000);
    const clock = new FakeClock();
    const analyzer = new QueryAnalyzer({ clock });
    for (let n = 0; n < 1000; n++) analyzer.add(quiet(`GET /r${n}`, 1));
    for (let n = 0; n < 600; n++) analyzer.add(quiet('GET /late', 100));
    for (let n = 0; n < 5999; n++) analyzer.add(quiet('GET /r7', 10));
    clock.advance(60_000);
    const { highFrequencyEndpoints, requestsInOther } = analyzer.getReport();
    expect(requestsInOther).toBe(600);
    expect(highFrequencyEndpoints).toMatchObject([
      { endpoint: 'GET /r7', timeShare: (59_990 + 1) / (1000 + 60_000 + 59_990) },
    ]);
  });

  it('can be lower, and holds after a reset', () => {
    const analyzer = new QueryAnalyzer({ maxEndpoints: 1 });
    analyzer.reset();
    for (const endpoint of ['GET /a', 'GET /b', 'GET /b']) analyzer.add(quiet(endpoint, 1));
    expect(analyzer.getReport().requestsInOther).toBe(2);
  });
});

describe('a report on one endpoint', () => {
  it('speaks of its load alone; its share is that of the time of all requests', () => {
    const clock = new FakeClock();
    const analyzer = new QueryAnalyzer({ clock });
    for (let n = 0; n < 600; n++) {
      analyzer.add(quiet('GET /a', 30));
      analyzer.add(quiet('GET /b', 70));
    }
    clock.advance(60_000);
    const busyOf = (options: Parameters<QueryAnalyzer['getReport']>[0]): (readonly [string, number])[] =>
      analyzer.getReport(options).highFrequencyEndpoints.map(({ endpoint, timeShare }) => [endpoint, timeShare]);
    expect(busyOf({ endpoint: 'GET /a' as Endpoint })).toEqual([['GET /a', 0.3]]);
    expect(busyOf({ top: 1 })).toEqual([['GET /b', 0.7]]);
  });
});

it('has the defaults that its page states', () => {
  expect(highFrequencyEndpoint.defaults).toEqual({ minRequestsPerMinute: 600, minTimeShare: 0.2 });
});
