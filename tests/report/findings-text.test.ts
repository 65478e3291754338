import { describe, expect, it } from 'vitest';
import type { FindingKind } from '../../core/finding.ts';
import type { CallSite, QueryFingerprint, StatementSource } from '../../core/types.ts';
import type { ReportedFinding } from '../../analysis/query-analyzer.ts';
import { findingLines } from '../../report/findings-text.ts';
import { createPaint } from '../../report/palette.ts';
import { worthReporting } from '../../report/worth-reporting.ts';
import { reportInput, reportedFinding } from './report-input.ts';

/** The lines of a finding, 100 columns wide. */
function linesOf(reported: ReportedFinding): string[] {
  const [listed] = worthReporting(reportInput([], [reported])).findings;
  if (listed === undefined) throw new Error('the finding is not worth reporting');
  return findingLines(listed, 1, 100, createPaint(false));
}

function lineOf(label: string, reported: ReportedFinding): string | undefined {
  return linesOf(reported)
    .find((line) => line.startsWith(`    ${label} `))
    ?.slice(12);
}

/** A loop of which everything is known. */
function loopAt(callSite: CallSite | undefined, source?: StatementSource): ReportedFinding {
  const reported = reportedFinding({ estimate: '90 ms now, 12 ms batched' });
  const { finding } = reported;
  const evidence = {
    ...finding.evidence,
    ...(callSite !== undefined && { callSite }),
    ...(source !== undefined && { source }),
  };
  return { ...reported, finding: { ...finding, evidence } };
}

const posts: StatementSource = {
  text: 'SELECT * FROM posts',
  summary: 'SELECT posts',
  queryFingerprint: 'q0' as QueryFingerprint,
  rowCount: 20,
  proof: 'rows',
};

describe('a finding as text', () => {
  it('says what, where, after which query, what to do and what that saves, one under the other', () => {
    const site = { file: 'src/orders.ts', line: 42, column: 17, functionName: 'loadUsers' };
    expect(linesOf(loopAt(site, posts))).toEqual([
      ' 1  critical  n-plus-one           GET /orders',
      '    what    20 queries differed only in their values (90.0 ms of 182 ms)',
      '    query   SELECT * FROM users WHERE id = $1',
      '    where   src/orders.ts:42:17 in loadUsers',
      '    source  SELECT posts (20 rows, as many as the repeats)',
      '    fix     Load the rows in one query: WHERE id = ANY($1).',
      '    saves   ≈ 60–85 ms per request, ≈ 12–17 s in all (the costliest: 90 ms now, 12 ms batched)',
      '    seen    in 200 requests, up to 20 queries in one request, 17.1 s in repeats',
      '    trace   8d1f0000000000000000000000000001',
    ]);
  });

  it('has no line for what is not known', () => {
    const lines = linesOf(loopAt(undefined));
    expect(lines.filter((line) => /^ {4}(?:where|source)/.test(line))).toEqual([]);
    expect(lineOf('saves', reportedFinding({}, { savedMs: [0, 0] }))).toBeUndefined();
    expect(lineOf('query', reportedFinding({ exampleText: '' }))).toBeUndefined();
  });

  it('writes as much of the line and of the source as is known', () => {
    expect(lineOf('where', loopAt({ file: 'src/a.ts', line: 3 }))).toBe('src/a.ts:3');
  });

  it.each<[StatementSource['proof'], number | undefined, string]>([
    ['rows', 1, 'SELECT posts (1 row, as many as the repeats)'],
    ['name', 7, 'SELECT posts (7 rows, the repeats ask by a column that is called after its table)'],
    ['name', undefined, 'SELECT posts (the repeats ask by a column that is called after its table)'],
    ['order', undefined, 'SELECT posts (the last read before the repeats)'],
  ])('says what shows the source: %s of %s rows', (proof, rowCount, text) => {
    expect(lineOf('source', loopAt(undefined, { ...posts, rowCount, proof }))).toBe(text);
  });

  it('tells what one request saves when there was one, and an upper end alone when nothing is sure', () => {
    const once = { requestCount: 1, savedMs: [43.4, 50.6] } as const;
    expect(lineOf('saves', reportedFinding({ estimate: '90 ms now' }, once))).toBe(
      '≈ 43–51 ms per request (90 ms now)',
    );
    expect(lineOf('saves', reportedFinding({}, { requestCount: 4, savedMs: [0, 5000] }))).toBe(
      'up to 1.3 s per request, up to 5.0 s in all',
    );
  });

  it.each<[FindingKind, string]>([
    ['n-plus-one', 'in 5 requests, up to 7 queries in one request, 30.0 ms in repeats'],
    ['duplicate-query', 'in 5 requests, up to 7 queries in one request, 30.0 ms in repeats'],
    ['n-plus-one-http', 'in 5 requests, up to 7 calls in one request, 30.0 ms in repeats'],
    ['n-plus-one-kv', 'in 5 requests, up to 7 commands in one request, 30.0 ms in repeats'],
    ['consecutive-queries', 'in 5 requests, up to 7 queries in one request, 40.0 ms together'],
    ['consecutive-http', 'in 5 requests, up to 7 calls in one request, 40.0 ms together'],
    ['query-budget', 'in 5 requests, up to 7 queries in one request, 40.0 ms together'],
    ['slow-query', 'in 5 requests, up to 7 queries in one request, 40.0 ms together'],
    ['unbounded-result', 'in 5 requests, up to 7 queries in one request, 40.0 ms together'],
    ['transaction-held', 'in 5 requests, up to 7 calls in one request, held for 40.0 ms together'],
    ['slow-endpoint', 'in 5 requests, which took 40.0 ms together'],
    ['high-frequency-endpoint', 'in 5 requests, which took 40.0 ms together'],
  ])('counts a %s in its own words', (kind, text) => {
    const parts = { requestCount: 5, countMax: 7, totalMs: 40, repeatMs: 30 };
    expect(lineOf('seen', reportedFinding({ kind }, parts))).toBe(text);
  });

  it.each<FindingKind>(['slow-query', 'unbounded-result', 'transaction-held'])(
    'does not say that there was up to one %s',
    (kind) => {
      expect(lineOf('seen', reportedFinding({ kind }, { countMax: 1, requestCount: 5 }))).not.toContain('up to');
    },
  );
});
