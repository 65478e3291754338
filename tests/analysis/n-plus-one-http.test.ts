import { describe, expect, it } from 'vitest';
import { nPlusOneHttp } from '../../analysis/detectors/n-plus-one-http.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] =>
  nPlusOneHttp.detect(request, nPlusOneHttp.defaults);

describe('n-plus-one-http reports', () => {
  it('a loop that calls a service once per row', () => {
    const request = requestFromTrace`
      GET /orders                                            900ms
        pg: SELECT * FROM orders LIMIT 10                      4ms  rows 10
        http: GET https://users.internal/users/#?expand=cart  60ms  x10`;
    expect(findingsIn(request)).toEqual([
      {
        kind: 'n-plus-one-http',
        severity: 'critical',
        endpoint: 'GET /orders',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary:
          'GET users.internal/users/{id}?expand was called 10× with other values (600 ms in calls, request 900 ms)',
        recommendation:
          'Ask the service for all of them in one call: a batch endpoint, or a list of ids in the query. ' +
          'If it has none, let 4 of them run at a time instead of one after the other.',
        confidence: 0.8,
        savedMs: [450, 540],
        estimate:
          'The calls held the request for 600 ms. One call for all, as long as the longest now (60.0 ms), saves 540 ms; ' +
          '4 at a time, 450 ms.',
        evidence: {
          count: 10,
          totalMs: 600,
          repeatMs: 540,
          spanIds: ['0000000000000003', '0000000000000004', '0000000000000005', '000000000000000c'],
          exampleText: 'GET users.internal/users/{id}?expand',
          mode: 'sequential',
          operation: 'read',
        },
      },
    ]);
  });

  it('calls at the same time, which a batch would still spare the service', () => {
    const request = requestFromTrace`
      GET /orders                                   900ms
        http: GET https://users.internal/users/#     60ms  x10 at once`;
    const [finding] = findingsIn(request);
    expect(finding).toMatchObject({ severity: 'warning', savedMs: [0, 0], evidence: { mode: 'parallel', count: 10 } });
    expect(finding?.summary).toContain('10× at the same time');
    expect(finding?.recommendation).toContain('takes a socket');
  });

  it('ids that stand in the query', () => {
    const request = requestFromTrace`
      GET /orders                                     900ms
        http: GET https://users.internal/users?id=#    60ms  x6`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { exampleText: 'GET users.internal/users?id', count: 6 } }]);
  });

  it('a loop of writes one step milder, and less sure', () => {
    const loop = (method: string): string =>
      `POST /import 5000ms\n  http: ${method} https://users.internal/users/# 60ms x40`;
    expect(findingsIn(drawnRequest(loop('GET')))).toMatchObject([
      { severity: 'critical', confidence: 0.8, evidence: { operation: 'read' } },
    ]);
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE'])
      expect(findingsIn(drawnRequest(loop(method)))).toMatchObject([
        { severity: 'warning', confidence: 0.6, evidence: { operation: 'write' } },
      ]);
  });

  it('a loop of long calls, and one with queries in between', () => {
    expect(
      findingsIn(requestFromTrace`
        job nightly                                9000ms
          http: GET https://users.internal/users/# 1500ms  x5`),
    ).toHaveLength(1);
    const rounds = Array.from(
      { length: 5 },
      (_, n) =>
        `  http: GET https://users.internal/users/${n} 80ms\n  pg: SELECT * FROM t WHERE id = $1 with (${n}) 9ms`,
    );
    expect(findingsIn(drawnRequest(`GET /x 900ms\n${rounds.join('\n')}`))).toMatchObject([{ evidence: { count: 5 } }]);
  });

  it('two loops as two findings', () => {
    const request = requestFromTrace`
      GET /orders                                   2000ms
        http: GET https://users.internal/users/#      60ms  x6
        http: GET https://users.internal/users/#/cart 60ms  x6`;
    const findings = findingsIn(request);
    expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  it('a small loop of a long request as info', () => {
    const request = requestFromTrace`
      job nightly                                   9000ms
        http: GET https://users.internal/users/#      60ms  x6`;
    expect(findingsIn(request)).toMatchObject([{ severity: 'info' }]);
  });

  it('the largest burst of a loop that pauses', () => {
    const request = requestFromTrace`
      job nightly                                   9000ms
        http: GET https://users.internal/users/#      90ms  x5
        sleep                                       1001ms
        http: GET https://users.internal/users/7#     90ms  x7`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 7, totalMs: 630 } }]);
  });

  it.each([
    [4, 100, 0],
    [5, 59, 0],
    [5, 60, 1],
  ])('%i calls of %i ms in %i findings, at the thresholds', (count, ms, found) => {
    const request = drawnRequest(`GET /x 900ms\n  http: GET https://u.internal/users/# ${ms}ms x${count}`);
    expect(findingsIn(request)).toHaveLength(found);
  });

  it('the same fingerprint for other values, and another one for another endpoint', () => {
    const [a, b, c] = [
      'GET /x 900ms\n  http: GET https://u.internal/users/#',
      'GET /x 900ms\n  http: GET https://u.internal/users/7#',
      'GET /y 900ms\n  http: GET https://u.internal/users/#',
    ].map((picture) => findingsIn(drawnRequest(`${picture} 90ms x6`))[0]?.fingerprint);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('where a service fails for every row', () => {
    const request = requestFromTrace`
      GET /orders                                   900ms
        http: GET https://users.internal/users/#     60ms  x6 -> 404`;
    expect(findingsIn(request)).toHaveLength(1);
  });
});

describe('n-plus-one-http is silent on', () => {
  it.each([
    ['polling of one URL', 'http: GET https://jobs.internal/jobs/7 90ms x20'],
    ['a call that is tried again', 'http: GET https://users.internal/users/7 90ms x6 fails'],
    ['the pages of one list', 'http: GET https://users.internal/users?limit=50&page=# 90ms x20'],
    ['the pages of one user’s list', 'http: GET https://users.internal/users/7/orders?cursor=a# 90ms x20'],
    ['GraphQL', 'http: POST https://graph.internal/graphql 90ms x20'],
    ['the parts of an upload', 'http: PUT https://s3.internal/a.zip?partNumber=#&uploadId=x 90ms x20'],
    ['numbered parts in the path', 'http: PUT https://files.internal/uploads/7/parts/# 90ms x20'],
    ['a loop over hosts', 'http: GET https://shard#.internal/users/17 90ms x20'],
    ['one batch', 'http: GET https://users.internal/users?ids=1,2,3 90ms'],
    ['commands of Redis', 'redis: GET user:# 90ms x20'],
  ])('%s', (_, line) => {
    expect(findingsIn(drawnRequest(`GET /orders 5000ms\n  ${line}`))).toEqual([]);
  });

  it('mostly equal calls with a few others among them', () => {
    const request = requestFromTrace`
      GET /orders                                   5000ms
        http: GET https://users.internal/users/7      90ms  x6
        http: GET https://users.internal/users/1#     90ms  x3`;
    expect(findingsIn(request)).toEqual([]);
  });

  it('calls that are far from each other', () => {
    const rounds = Array.from(
      { length: 8 },
      (_, n) => `  http: GET https://users.internal/users/${n} 90ms\n  sleep 1001ms`,
    );
    expect(findingsIn(drawnRequest(`job nightly 20000ms\n${rounds.join('\n')}`))).toEqual([]);
  });
});
