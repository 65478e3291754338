import { describe, expect, it } from 'vitest';
import { consecutiveHttp } from '../../analysis/detectors/consecutive-http.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] =>
  consecutiveHttp.detect(request, consecutiveHttp.defaults);

describe('consecutive-http reports', () => {
  it('long reads of different services one after the other', () => {
    const request = requestFromTrace`
      GET /dashboard                                  5000ms
        http: GET https://users.internal/profile        900ms
        http: GET https://bills.internal/open          1500ms
        http: HEAD https://mail.internal/unread        1100ms`;
    expect(findingsIn(request)).toEqual([
      {
        kind: 'consecutive-http',
        severity: 'critical',
        endpoint: 'GET /dashboard',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary:
          '3 calls ran one after the other (3.50 s, the longest 1.50 s): ' +
          'GET users.internal/profile, GET bills.internal/open, HEAD mail.internal/unread',
        recommendation: 'If none of them needs the answer of another, start them together: await Promise.all([...]).',
        confidence: 0.5,
        savedMs: [1000, 2000],
        estimate:
          '3.50 s in all less 1.50 s, the longest, when all start together; half of it, when some of them depend on others.',
        evidence: {
          count: 3,
          totalMs: 3500,
          repeatMs: 2000,
          spanIds: ['0000000000000002', '0000000000000003', '0000000000000004'],
          exampleText: 'GET users.internal/profile, GET bills.internal/open, HEAD mail.internal/unread',
          mode: 'sequential',
          operation: 'read',
        },
      },
    ]);
  });

  it('a run with queries, short calls and short pauses in it', () => {
    const request = requestFromTrace`
      GET /dashboard                                  9000ms
        http: GET https://a.internal/x                 1000ms
        pg: SELECT 7 FROM t                              400ms
        http: GET https://b.internal/x                 1000ms
        http: GET https://short.internal/x              400ms
        pg: SELECT 7 FROM t                              600ms
        http: GET https://c.internal/x                 1000ms`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 3 }, savedMs: [1000, 2000] }]);
  });

  it('two runs that a write parts, each for itself', () => {
    const run = (n: number): string =>
      ['a', 'b', 'c'].map((host) => `  http: GET https://${host}${n}x.internal/x 1000ms`).join('\n');
    const request = drawnRequest(`GET /x 9000ms\n${run(1)}\n  http: POST https://w.internal/x 1000ms\n${run(2)}`);
    const findings = findingsIn(request);
    expect(findings.map(({ evidence }) => evidence.count)).toEqual([3, 3]);
    expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  it('the rest of a run beside whose end another call ran', () => {
    const request = requestFromTrace`
      GET /dashboard                                  9000ms
        http: GET https://a.internal/x                 1000ms
        http: GET https://b.internal/x                 1000ms
        http: GET https://c.internal/x                 1000ms
        http: GET https://d.internal/x                 1000ms
        http: GET https://e.internal/x                 1000ms  beside`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 3 } }]);
  });

  it('under one fingerprint whatever the order, and names five calls at the most', () => {
    const picture = (hosts: string): string =>
      `GET /x 9000ms\n${[...hosts].map((host) => `  http: GET https://${host}.internal/x 1000ms`).join('\n')}`;
    const [there, back] = ['abcdefg', 'gfedcba'].map((hosts) => findingsIn(drawnRequest(picture(hosts)))[0]);
    expect(there?.fingerprint).toBe(back?.fingerprint);
    expect(there?.summary).toMatch(/: GET a\.internal\/x, .+GET e\.internal\/x and 2 more$/);
  });

  it.each([
    [3, 1000, 1],
    [3, 999, 0],
    [2, 4000, 0],
    [6, 500, 1],
    [9, 499, 0],
  ])('%i calls of %i ms in %i findings, at the thresholds', (count, ms, found) => {
    const calls = Array.from({ length: count }, (_, n) => `  http: GET https://h${'x'.repeat(n)}.internal/a ${ms}ms`);
    expect(findingsIn(drawnRequest(`GET /x 9000ms\n${calls.join('\n')}`))).toHaveLength(found);
  });
});

describe('consecutive-http is silent on', () => {
  it.each([
    [
      'calls at the same time',
      [
        'GET https://a.internal/x 1500ms',
        'GET https://b.internal/x 1500ms beside',
        'GET https://c.internal/x 1500ms beside',
      ],
    ],
    ['calls of one shape, which are a loop', ['GET https://a.internal/x/# 1500ms x6']],
    [
      'writes',
      ['POST https://a.internal/x 1500ms', 'POST https://b.internal/x 1500ms', 'PUT https://c.internal/x 1500ms'],
    ],
    [
      'a write between reads, on which the rest may depend',
      [
        'GET https://a.internal/x 1500ms',
        'GET https://b.internal/x 1500ms',
        'POST https://w.internal/x 600ms',
        'GET https://c.internal/x 1500ms',
      ],
    ],
    ['two calls', ['GET https://a.internal/x 2500ms', 'GET https://b.internal/x 2500ms']],
    [
      'chains that overlap',
      [
        'GET https://a.internal/x 1500ms',
        'GET https://b.internal/x 1500ms',
        'GET https://c.internal/x 1500ms beside',
        'GET https://d.internal/x 1500ms',
      ],
    ],
  ])('%s', (_, lines) => {
    const picture = lines.map((line) => `  http: ${line}`).join('\n');
    expect(findingsIn(drawnRequest(`GET /x 9000ms\n${picture}`))).toEqual([]);
  });

  it.each([
    [1000, 1],
    [1001, 0],
  ])('calls with more than a second between them: %i ms, %i findings', (pauseMs, found) => {
    const request = drawnRequest(`
      GET /x                              9000ms
        http: GET https://a.internal/x    1000ms
        http: GET https://b.internal/x    1000ms
        sleep                             ${pauseMs}ms
        http: GET https://c.internal/x    1000ms`);
    expect(findingsIn(request)).toHaveLength(found);
  });

  it('calls beside one that takes longer than all of them', () => {
    const request = requestFromTrace`
      GET /x                                9000ms
        http: GET https://a.internal/x      6000ms
          http: GET https://b.internal/x    1500ms
          http: GET https://c.internal/x    1500ms
          http: GET https://d.internal/x    1500ms
          http: GET https://e.internal/x    1500ms`;
    expect(request.longCalls).toHaveLength(5);
    expect(findingsIn(request)).toEqual([]);
  });

  it.each([61, 62, 64])('a call for whose shape there was no place, after %i shapes', (count) => {
    const others = Array.from({ length: count }, (_, n) => `  http: GET https://h${'x'.repeat(n)}.internal/a 1ms`);
    const calls = ['a', 'b', 'c'].map((host) => `  http: GET https://${host}.internal/x 1500ms`);
    const request = drawnRequest(`GET /x 9000ms\n${[...others, ...calls].join('\n')}`);
    expect(findingsIn(request)).toHaveLength(count === 61 ? 1 : 0);
  });
});
