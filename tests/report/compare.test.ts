import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EndpointStatistics } from '../../monitor/statistics.ts';
import { compareText } from '../../report/compare.ts';
import { reportJson, type Report } from '../../report/json.ts';
import { endpointStatistics, reportInput, reportedFinding } from './report-input.ts';

const plain = { color: false };

/** An endpoint with these durations in milliseconds. */
function endpoint(
  name: string,
  count: number,
  [avg, p50, p95]: [number, number, number],
  queries: number,
): EndpointStatistics {
  return endpointStatistics(name, {
    count,
    durationMsAvg: avg,
    durationMsP50: p50,
    durationMsP95: p95,
    totalMs: count * avg,
    queriesPerRequestAvg: queries,
  });
}

const before = reportJson(
  reportInput(
    [
      endpoint('GET /api/meetings/list', 200, [191, 182, 240], 21),
      endpoint('POST /api/rag/chat', 1200, [312.4, 310, 402], 9.5),
      endpoint('GET /api/old', 3, [12.34, 11, 15], 1),
      endpoint('GET /api/health', 200, [1.9, 2, 3], 0),
    ],
    [
      reportedFinding({ endpoint: 'GET /api/meetings/list' }),
      reportedFinding({ endpoint: 'GET /api/meetings/list', kind: 'duplicate-query' }),
    ],
  ),
);
const after = reportJson(
  reportInput(
    [
      endpoint('POST /api/rag/chat', 1210, [309, 306, 410], 6),
      endpoint('GET /api/meetings/list', 200, [74.2, 71.04, 98.4], 2),
      endpoint('GET /api/health', 200, [1.9, 2, 3.4], 0),
      endpoint('GET /api/new', 5, [3, 3, 4], 1),
    ],
    [reportedFinding({ endpoint: 'GET /api/new' })],
  ),
);

describe('two reports side by side', () => {
  it('match endpoints by name, with the change of p95, and show those that only one has', () => {
    expect(compareText(before, after, plain)).toBe(`\
slowpath comparison: shop
requests 1,603 → 1,615 · findings 2 → 1 · percentiles ±1.1 %

endpoint                     requests      avg ms      p50 ms      p95 ms  Δ p95  queries  findings
POST /api/rag/chat      1,200 → 1,210   312 → 309   310 → 306   402 → 410   +2 %  9.5 → 6     0 → 0
GET /api/meetings/list      200 → 200  191 → 74.2  182 → 71.0  240 → 98.4  -59 %   21 → 2     2 → 0
GET /api/health             200 → 200   1.9 → 1.9   2.0 → 2.0   3.0 → 3.4  +13 %    0 → 0     0 → 0
GET /api/old                    3 → -    12.3 → -    11.0 → -    15.0 → -      -    1 → -     0 → 0
  only in the first report
GET /api/new                    - → 5     - → 3.0     - → 3.0     - → 4.0      -    - → 1     0 → 1
  only in the second report
`);
  });

  it('colour a change only if the error of the percentiles does not explain it', () => {
    const text = compareText(before, after, { color: true });
    expect(text).toContain('\u001b[32m-59 %\u001b[39m');
    expect(text).toContain('\u001b[31m+13 %\u001b[39m');
    expect(text).toContain(' +2 %  9.5');
    expect(text).toContain('\u001b[32m2 → 0\u001b[39m');
    expect(text).toContain('\u001b[31m0 → 1\u001b[39m');
    expect(stripVTControlCharacters(text)).toBe(compareText(before, after, plain));
  });

  it('are the same after a way through a file', () => {
    const read = (report: Report): Report => JSON.parse(JSON.stringify(report)) as Report;
    const empty = reportJson(reportInput([endpointStatistics('GET /gone', { abortedCount: 2 })]));
    expect(compareText(read(before), read(empty), plain)).toBe(compareText(before, empty, plain));
    expect(compareText(read(empty), read(empty), plain)).toMatch(
      /GET \/gone +0 → 0 +- → - +- → - +- → - +- +- → - +0 → 0\n$/,
    );
  });

  it('show an endpoint of which only a finding is left', () => {
    const onlyFinding = reportJson(reportInput([], [reportedFinding({ endpoint: 'GET /x' })]));
    expect(compareText(onlyFinding, reportJson(reportInput([])), plain)).toMatch(/GET \/x .* 1 → 0\n$/);
  });

  it('name both services where they differ, and no control characters of theirs', () => {
    const renamed = { ...after, service: 'shop\u001b[2J' };
    expect(compareText(before, renamed, plain)).toMatch(/^slowpath comparison: shop → shop\\u001b\[2J\n/);
    const hostile = reportJson(reportInput([endpointStatistics('GET /\u009b2J\n', { count: 1 })]));
    expect(compareText(hostile, hostile, plain)).toContain('\nGET /\\u009b2J  ');
  });

  it('put names above the numbers in a narrow terminal', () => {
    const text = compareText(before, after, { color: false, width: 80 });
    expect(text).toContain('\nGET /api/meetings/list\n      200 → 200  191 → 74.2  ');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('say so when there is nothing to compare', () => {
    const empty = reportJson(reportInput([]));
    expect(compareText(empty, empty, plain)).toBe(`\
slowpath comparison: shop
requests 0 → 0 · findings 0 → 0 · percentiles ±1.1 %

Neither report holds a request: there is nothing to compare.
`);
  });

  it('refuse what is no report of this version', () => {
    const foreign = { ...after, schemaVersion: 2 } as unknown as Report;
    expect(() => compareText(before, foreign, plain)).toThrow(
      expect.objectContaining({
        code: 'SLOWPATH_REPORT_SCHEMA',
        message: 'The second report has schemaVersion 2, expected 1. Write it anew with this version of slowpath.',
      }),
    );
    expect(() => compareText({} as Report, after, plain)).toThrow('The first report has schemaVersion undefined');
  });
});
