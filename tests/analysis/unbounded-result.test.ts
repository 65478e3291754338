import { describe, expect, it } from 'vitest';
import { unboundedResult } from '../../analysis/detectors/unbounded-result.ts';
import type { Finding } from '../../core/finding.ts';
import type { RequestRecord } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: RequestRecord): readonly Finding[] =>
  unboundedResult.detect(request, unboundedResult.defaults);

describe('unbounded-result reports', () => {
  it('one finding for a read that returned a whole table', () => {
    const request = requestFromTrace`
      GET /customers                                 400ms
        pg: SELECT id, name FROM customers            80ms rows 4000`;
    expect(findingsIn(request)).toEqual([
      {
        kind: 'unbounded-result',
        severity: 'warning',
        endpoint: 'GET /customers',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary: 'SELECT customers returned 4000 rows without a LIMIT (80.0 ms, threshold 1000 rows)',
        recommendation: expect.stringContaining('LIMIT'),
        confidence: 0.8,
        savedMs: [0, 60],
        estimate: '80.0 ms now, 20.0 ms for 1000 of 4000 rows',
        evidence: {
          count: 1,
          totalMs: 80,
          repeatMs: 80,
          spanIds: ['0000000000000002'],
          exampleText: 'SELECT id, name FROM customers',
          queryFingerprint: request.groups[0]?.fingerprint,
          operation: 'read',
          tables: ['customers'],
        },
      },
    ]);
  });

  it('a read whose WHERE lets many rows through, less surely', () => {
    const request = requestFromTrace`
      GET /events                                              400ms
        pg: SELECT * FROM events WHERE tenant = $1 with (7)     80ms rows 1000`;
    expect(findingsIn(request)).toMatchObject([{ confidence: 0.6, savedMs: [0, 0] }]);
  });

  it('the largest of several reads of one shape', () => {
    const request = requestFromTrace`
      GET /events                                              900ms
        pg: SELECT * FROM events WHERE tenant = $1 with (1)     10ms rows 20
        pg: SELECT * FROM events WHERE tenant = $1 with (2)     50ms rows 5000
        pg: SELECT * FROM events WHERE tenant = $1 with (3)     90ms rows 2000`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 1, totalMs: 50 } }]);
  });

  it('rows of a GROUP BY without an aggregate, and of a join', () => {
    const request = requestFromTrace`
      GET /events                                                             900ms
        pg: SELECT u.name, o.id FROM users u JOIN orders o ON o.user_id = u.id  50ms rows 5000`;
    expect(findingsIn(request)).toHaveLength(1);
  });

  it.each([
    [999, 0],
    [1000, 1],
  ])('%i rows in %i findings, at the threshold of 1000', (rows, count) => {
    expect(findingsIn(drawnRequest(`GET /x 90ms\n  pg: SELECT a FROM t 5ms rows ${rows}`))).toHaveLength(count);
  });

  it('as critical what takes 30 % of the request', () => {
    expect(findingsIn(drawnRequest('GET /x 90ms\n  pg: SELECT a FROM t 27ms rows 1000'))).toMatchObject([
      { severity: 'critical' },
    ]);
  });
});

describe('unbounded-result stays silent when', () => {
  it.each([
    ['a LIMIT bounds it', 'GET /x', 'SELECT a FROM t LIMIT 5000'],
    ['FETCH FIRST bounds it', 'GET /x', 'SELECT a FROM t FETCH FIRST 5000 ROWS ONLY'],
    ['a page of it is asked for', 'GET /x', 'SELECT a FROM t WHERE id > $1 ORDER BY id LIMIT $2'],
    ['it counts', 'GET /x', 'SELECT day, count(*) FROM t GROUP BY day'],
    ['a cursor reads it', 'GET /x', 'FETCH 5000 FROM c'],
    ['it is one query for a list of keys', 'GET /x', 'SELECT a FROM t WHERE id = ANY($1)'],
    ['it is one query for an IN list', 'GET /x', 'SELECT a FROM t WHERE id IN (1, 2, 3)'],
    ['a write returns the rows', 'GET /x', 'UPDATE t SET a = 1 RETURNING id'],
    ['a job reads it', 'job nightly', 'SELECT a FROM t'],
    ['a message leads to it', 'consume orders', 'SELECT a FROM t'],
    ['its text was cut, and the LIMIT may be in the rest', 'GET /x', 'SELECT a FROM t WHERE b = 1 ...'],
  ])('%s', (_reason, endpoint, text) => {
    const request = drawnRequest(`${endpoint} 90ms\n  pg: ${text} 5ms rows 5000`);
    expect(request.groups).toMatchObject([{ rowCountMax: 5000 }]);
    expect(findingsIn(request)).toEqual([]);
  });

  it('the driver tells no rows', () => {
    expect(findingsIn(drawnRequest('GET /x 90ms\n  pg: SELECT a FROM t 50ms'))).toEqual([]);
  });
});

describe('what unbounded-result writes', () => {
  it('has the documented default, and obeys another', () => {
    expect(unboundedResult.defaults).toEqual({ minRows: 1000 });
    const request = drawnRequest('GET /x 90ms\n  pg: SELECT a FROM t 5ms rows 100');
    expect(unboundedResult.detect(request, { minRows: 100 })).toHaveLength(1);
    expect(unboundedResult.detect(request, { minRows: 101 })).toEqual([]);
  });

  it('is never a value', () => {
    const findings = findingsIn(requestFromTrace`
      GET /usage                                                            900ms
        pg: SELECT * FROM a WHERE mail <> 'jane@example.org' AND n > 8675309   40ms rows 2000
        pg: SELECT * FROM b WHERE mail <> $1 with (jane@example.org)           40ms rows 2000`);
    expect(findings).toHaveLength(2);
    expect(JSON.stringify(findings)).not.toMatch(/jane|example\.org|8675309/);
  });
});
