import { describe, expect, it } from 'vitest';
import { QueryAnalyzer } from '../../analysis/query-analyzer.ts';
import type { FindingKind } from '../../core/finding.ts';
import type { AnalyzedRequest, CallSite, FindingFingerprint } from '../../core/types.ts';
import { FindingLog } from '../../instrumentation/finding-log.ts';
import { StderrLog } from '../../instrumentation/stderr-log.ts';
import { drawnRequest } from '../../testing/index.ts';

/** A request with one finding, of the given kind. */
function requestWith(kind: FindingKind, about: { callSite?: CallSite; fingerprint?: string } = {}): AnalyzedRequest {
  const request = drawnRequest('GET /orders 180ms\n  pg: SELECT name FROM users WHERE id = $1 with (#) 6ms x20');
  const [loop] = request.findings;
  if (loop === undefined) throw new Error('the picture has no finding');
  const { callSite, fingerprint = kind } = about;
  const evidence = { ...loop.evidence, ...(callSite !== undefined && { callSite }) };
  const told = { summary: 'it is so', recommendation: 'Mend it.', fingerprint: fingerprint as FindingFingerprint };
  return { ...request, findings: [{ ...loop, ...told, kind, evidence }] };
}

/** What is said of these requests. */
function linesAfter(requests: readonly AnalyzedRequest[], isOn = true): string[] {
  const lines: string[] = [];
  const log = new FindingLog(new QueryAnalyzer(), new StderrLog(undefined, (text) => lines.push(text)), isOn);
  for (const request of requests) log.add(request);
  return lines;
}

describe('the line for a new finding', () => {
  it('is said once, with the line of the application where it is known', () => {
    const request = requestWith('n-plus-one', { callSite: { file: 'src/orders.ts', line: 42, column: 7 } });
    expect(linesAfter([request, request])).toEqual([
      'slowpath: n-plus-one in GET /orders at src/orders.ts:42: it is so. Mend it.\n',
    ]);
    expect(linesAfter([requestWith('n-plus-one')])).toEqual([
      'slowpath: n-plus-one in GET /orders: it is so. Mend it.\n',
    ]);
  });

  it.each<[FindingKind, number]>([
    ['slow-query', 3],
    ['slow-endpoint', 3],
    ['consecutive-queries', 3],
    ['consecutive-http', 3],
    ['duplicate-query', 1],
    ['n-plus-one-http', 1],
    ['transaction-held', 1],
  ])('of a %s comes with request %d', (kind, which) => {
    const request = requestWith(kind);
    const counts = [1, 2, 3, 4].map((seen) => linesAfter(Array.from({ length: seen }, () => request)).length);
    expect(counts).toEqual([1, 2, 3, 4].map((seen) => (seen >= which ? 1 : 0)));
  });

  it('is said 50 times in all, and then where the others are', () => {
    const requests = Array.from({ length: 60 }, (_, n) => requestWith('n-plus-one', { fingerprint: `f${n}` }));
    const lines = linesAfter(requests);
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe(
      'slowpath: 50 findings were printed; the others are in the report (SLOWPATH_REPORT=text).\n',
    );
  });

  it('is not said when it is off; the analyzer has every request all the same, with or without findings', () => {
    const analyzer = new QueryAnalyzer({ maxEndpoints: 1 });
    const lines: string[] = [];
    const log = new FindingLog(analyzer, new StderrLog(undefined, (text) => lines.push(text)), false);
    for (const request of [drawnRequest('GET /a 1ms'), drawnRequest('GET /b 1ms'), requestWith('n-plus-one')])
      log.add(request);
    expect(lines).toEqual([]);
    expect(analyzer.getReport()).toMatchObject({ requestsInOther: 2, findings: [{ requestCount: 1 }] });
  });
});
