import { describe, expect, it } from 'vitest';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import { reportJson } from '../../report/json.ts';
import { queryGroup, requestRecord } from '../monitor/request-record.ts';
import { queryReport, queryStatistics, reportInput, reportedFinding, shop } from './report-input.ts';

describe('the report as JSON', () => {
  it('holds requests, endpoints, the findings worth reporting, and what was left out', () => {
    const report = reportJson(shop);
    expect(report).toMatchObject({
      schemaVersion: 1,
      service: 'shop',
      window: 'all',
      sinceMs: 3_600_000,
      errorBound: 0.011,
      requests: { count: 2000, errorCount: 3, abortedCount: 10 },
      leftOut: {
        requestsInOther: 0,
        queriesNotObservedCount: 0,
        lateQueryCount: 1,
        orphanQueryCount: 12,
        durationsRefusedCount: 0,
        streamCount: 0,
        upgradeCount: 0,
        trackingsNotEndedCount: 0,
        queriesInOther: 0,
        queriesNotGroupedCount: 0,
        durationsAveragedCount: 0,
        queryShapesNotListed: 0,
        findingsBelowReportThreshold: 1,
        findingsDropped: 0,
        findingsSuppressed: 0,
        cachePatternsNotListed: 0,
        cacheLookupsInOther: 0,
        cachesNotRegistered: 0,
      },
      dropped: { queue_full: 40, export_failed: 0 },
    });
    expect(report.endpoints).toEqual(shop.statistics.endpoints);
    expect(report.queries).toEqual(shop.queries.queries);
    expect(report.findings.map(({ kind, repeatMs }) => [kind, repeatMs])).toEqual([
      ['n-plus-one', 102_600],
      ['slow-query', 1105.6],
    ]);
  });

  it('writes a finding flat, with its share of the requests and the evidence of its costliest occurrence', () => {
    const finding = reportedFinding({ endpoint: 'GET /health' });
    expect(reportJson({ ...shop, findings: [finding] }).findings).toEqual([
      {
        kind: 'n-plus-one',
        severity: 'critical',
        endpoint: 'GET /health',
        fingerprint: 'f1',
        summary: '20 queries differed only in their values (90.0 ms of 182 ms)',
        recommendation: 'Load the rows in one query: WHERE id = ANY($1).',
        confidence: 0.9,
        savedMs: [60, 85],
        requestCount: 200,
        requestShare: 200 / 600,
        countMax: 20,
        totalMs: 18_000,
        repeatMs: 17_100,
        savedMsTotal: [12_000, 17_000],
        evidenceTraceId: '8d1f0000000000000000000000000001',
        evidenceSampled: true,
        evidence: finding.finding.evidence,
      },
    ]);
  });

  it('lists the hundred query shapes with the most time, and counts the others', () => {
    const queries = Array.from({ length: 103 }, (_, n) =>
      queryStatistics(`SELECT t${n}`, { durationsAveragedCount: n % 2 }),
    );
    const report = reportJson({ ...shop, queries: queryReport(queries, { queriesInOther: 7 }) });
    expect(report.queries).toEqual(queries.slice(0, 100));
    expect(report.leftOut).toMatchObject({ queryShapesNotListed: 3, queriesInOther: 7, durationsAveragedCount: 51 });
  });

  it('survives the way to text and back, from a real monitor, seen or not', () => {
    const monitor = new PerformanceMonitor({ clock: { nowMs: () => 0 } });
    for (const records of [
      [],
      [requestRecord({ queryCount: 3, groups: [queryGroup('users', [1, 2, 3])] }), requestRecord({ aborted: true })],
    ]) {
      for (const record of records) monitor.add(record);
      const parts = { statistics: monitor.getStatistics(), queries: monitor.getQueryStatistics() };
      const report = reportJson({ ...reportInput([]), ...parts });
      expect(report.queries.length).toBe(Math.min(1, records.length));
      const { endpoints: _, ...requests } = { ...parts.statistics };
      expect(requests).toMatchObject(report.requests);
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      expect(JSON.stringify(report)).not.toContain('null');
    }
    expect(reportJson({ ...reportInput([]), note: 'demo' }).note).toBe('demo');
    expect(reportJson(reportInput([]))).not.toHaveProperty('note');
  });
});
