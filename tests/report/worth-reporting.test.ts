import { describe, expect, it } from 'vitest';
import type { FindingKind } from '../../core/finding.ts';
import { worthReporting } from '../../report/worth-reporting.ts';
import { endpointStatistics, reportInput, reportedFinding } from './report-input.ts';

/** Whether a finding is listed that was seen in `seen` of an endpoint's requests. */
function isListed(kind: FindingKind, seen: number, count: number, abortedCount = 0): boolean {
  const endpoints = [endpointStatistics('GET /orders', { count, abortedCount })];
  const result = worthReporting(reportInput(endpoints, [reportedFinding({ kind }, { requestCount: seen })]));
  expect(result.findings.length + result.findingsBelowReportThreshold).toBe(1);
  return result.findings.length === 1;
}

describe('what is worth reporting', () => {
  it.each(['slow-query', 'slow-endpoint', 'consecutive-queries', 'consecutive-http'] as const)(
    'is a %s from 3 requests and 1 %% of the requests on',
    (kind) => {
      expect(isListed(kind, 2, 2)).toBe(false);
      expect(isListed(kind, 3, 3)).toBe(true);
      expect(isListed(kind, 3, 300)).toBe(true);
      expect(isListed(kind, 3, 301)).toBe(false);
      expect(isListed(kind, 10, 1001)).toBe(false);
      expect(isListed(kind, 3, 200, 101)).toBe(false);
    },
  );

  it.each([
    'n-plus-one',
    'duplicate-query',
    'n-plus-one-http',
    'n-plus-one-kv',
    'query-budget',
    'unbounded-result',
    'transaction-held',
  ] as const)('is any %s, however rare', (kind) => {
    expect(isListed(kind, 1, 1_000_000)).toBe(true);
  });

  it('needs 3 requests only where the requests of the endpoint are not known', () => {
    const other = reportedFinding({ kind: 'slow-query', endpoint: 'GET /beyond-the-limit' }, { requestCount: 3 });
    const rare = reportedFinding({ kind: 'slow-query', endpoint: 'GET /beyond-the-limit' }, { requestCount: 2 });
    const { findings, findingsBelowReportThreshold } = worthReporting(reportInput([], [other, rare]));
    expect(findings).toEqual([{ ...other, endpointRequestCount: undefined, requestShare: undefined }]);
    expect(findingsBelowReportThreshold).toBe(1);
  });

  it('is sorted by the middle of what was to be saved, then by the time in repeats, then by total time', () => {
    const times = [
      [[4, 4], 5, 9],
      [[4, 4], 7, 7],
      [[4, 4], 5, 10],
      [[0, 10], 1, 1],
      [[3, 4], 99, 99],
    ] as const;
    const input = reportInput(
      [],
      times.map(([savedMs, repeatMs, totalMs]) => reportedFinding({}, { savedMs, repeatMs, totalMs })),
    );
    const order = worthReporting(input).findings.map(({ savedMs, repeatMs, totalMs }) => [savedMs, repeatMs, totalMs]);
    expect(order).toEqual([times[3], times[1], times[2], times[0], times[4]]);
    expect(input.findings.map(({ totalMs }) => totalMs)).toEqual([9, 7, 10, 1, 99]);
  });

  it('is nothing when nothing was found', () => {
    expect(worthReporting(reportInput([]))).toEqual({ findings: [], findingsBelowReportThreshold: 0 });
  });

  it('has no share above 1 when the statistics were reset after the finding was seen', () => {
    const input = reportInput(
      [endpointStatistics('GET /orders', { count: 4 })],
      [reportedFinding({}, { requestCount: 5 })],
    );
    expect(worthReporting(input).findings).toMatchObject([
      { endpointRequestCount: undefined, requestShare: undefined },
    ]);
  });
});
