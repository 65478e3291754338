import { describe, expect, it } from 'vitest';
import { EXPECTED } from '../../examples/demo/expected.ts';
import type { Report } from '../../report/json.ts';
import { type DemoRun, judgeDemo, verdictLines } from '../../scripts/lib/judge-demo.ts';

type Variant = 'planted' | 'fixed';

/** A run as it must be: every planted kind reported, every query and request counted. */
function runAsPlanted(variant: Variant): DemoRun {
  const report = {
    schemaVersion: 1,
    endpoints: EXPECTED.map(({ endpoint, queriesPerRequest }) => ({
      endpoint,
      count: 12,
      queriesPerRequestMin: queriesPerRequest[variant],
      queriesPerRequestMax: queriesPerRequest[variant],
    })),
    findings:
      variant === 'fixed'
        ? []
        : EXPECTED.flatMap(({ endpoint, findings }) => findings.map((kind) => ({ endpoint, kind }))),
  };
  const load = EXPECTED.map(({ endpoint }) => ({
    endpoint,
    sent: 12,
    measured: 10,
    durationMsP50: 1,
    durationMsMax: 2,
    answersHash: `hash of ${endpoint}`,
    requests: [],
  }));
  // Only the fields that the verdict is drawn from.
  return { report: report as unknown as Report, load };
}

function withFindings(run: DemoRun, findings: readonly { endpoint: string; kind: string }[]): DemoRun {
  return { ...run, report: { ...run.report, findings: findings as unknown as Report['findings'] } };
}

const planted = runAsPlanted('planted');
const fixed = runAsPlanted('fixed');

describe('judgeDemo', () => {
  it('has nothing to say when everything is as planted', () => {
    const verdict = judgeDemo(EXPECTED, planted, fixed);
    expect(verdict).toMatchObject({ asPlanted: true, plantedFound: true, missing: [], unexpected: [] });
    expect(verdict.queriesPerRequest).toHaveLength(2 * EXPECTED.length);
    expect(verdictLines(verdict)).toHaveLength(1);
  });

  it('names a planted problem that was not reported', () => {
    const without = planted.report.findings.filter(({ kind }) => kind !== 'duplicate-query');
    const verdict = judgeDemo(EXPECTED, withFindings(planted, without), fixed);
    expect(verdict).toMatchObject({
      asPlanted: false,
      plantedFound: false,
      missing: [{ variant: 'planted', endpoint: 'GET /api/user/usage', kind: 'duplicate-query' }],
    });
    expect(verdictLines(verdict)[1]).toContain('duplicate-query was planted at GET /api/user/usage');
  });

  it('names what was reported and not planted, of the control and of the fixed variant', () => {
    const control = { endpoint: 'GET /api/health', kind: 'n-plus-one' };
    const left = { endpoint: 'GET /api/meetings/list', kind: 'n-plus-one' };
    const verdict = judgeDemo(
      EXPECTED,
      withFindings(planted, [...planted.report.findings, control]),
      withFindings(fixed, [left]),
    );
    expect(verdict).toMatchObject({ asPlanted: false, plantedFound: true });
    expect(verdict.unexpected).toEqual([
      { variant: 'planted', ...control },
      { variant: 'fixed', ...left },
    ]);
  });

  it('tolerates that the planted slow query makes its endpoint slow, and not that another endpoint is', () => {
    const slow = (endpoint: string) => [...planted.report.findings, { endpoint, kind: 'slow-endpoint' }];
    expect(judgeDemo(EXPECTED, withFindings(planted, slow('GET /api/user/usage')), fixed).asPlanted).toBe(true);
    expect(judgeDemo(EXPECTED, withFindings(planted, slow('GET /api/health')), fixed).asPlanted).toBe(false);
  });

  it('names an endpoint whose queries were counted wrong in one request', () => {
    const endpoints = fixed.report.endpoints.map((statistics, n) =>
      n === 0 ? { ...statistics, queriesPerRequestMax: 3 } : statistics,
    );
    const verdict = judgeDemo(EXPECTED, planted, { ...fixed, report: { ...fixed.report, endpoints } });
    expect(verdict.asPlanted).toBe(false);
    expect(verdictLines(verdict)[1]).toContain(
      'GET /api/meetings/list (fixed) sends 2 per request, and the report says 2 to 3',
    );
  });

  it('names requests that the report lost, and endpoints that it lost', () => {
    const endpoints = planted.report.endpoints.slice(1);
    const verdict = judgeDemo(EXPECTED, { ...planted, report: { ...planted.report, endpoints } }, fixed);
    expect(verdict.requestsMiscounted).toEqual([
      { variant: 'planted', endpoint: 'GET /api/meetings/list', sent: 12, reported: 0 },
    ]);
    expect(verdictLines(verdict).join('\n')).toContain(
      'GET /api/meetings/list (planted) sends 21 per request, and the report says no number',
    );
  });

  it('does not call it a fix when the answers differ', () => {
    const load = fixed.load.map((result, n) => (n === 2 ? { ...result, answersHash: 'another' } : result));
    const verdict = judgeDemo(EXPECTED, planted, { ...fixed, load });
    expect(verdict).toMatchObject({ asPlanted: false, answersDiffer: ['POST /api/rag/chat'] });
  });
});
