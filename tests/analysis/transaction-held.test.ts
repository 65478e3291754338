import { describe, expect, it } from 'vitest';
import { transactionHeld } from '../../analysis/detectors/transaction-held.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] =>
  transactionHeld.detect(request, transactionHeld.defaults);

/** A request whose lines stand between BEGIN and COMMIT. */
function transaction(...lines: string[]): AnalyzedRequest {
  const all = ['pg: BEGIN 1ms', 'pg: INSERT INTO orders (id) VALUES ($1) with (1) 3ms', ...lines, 'pg: COMMIT 2ms'];
  return drawnRequest(`POST /orders 2000ms\n${all.map((line) => `  ${line}`).join('\n')}`);
}

const CHARGE = 'http: POST https://payments.internal/charges/17';

describe('transaction-held reports', () => {
  it('a call of another service between BEGIN and COMMIT', () => {
    const request = requestFromTrace`
      POST /orders                                               500ms
        pg: BEGIN                                                  1ms
        pg: INSERT INTO orders (id) VALUES ($1) with (1)           3ms
        http: POST https://payments.internal/charges/17          120ms
        pg: COMMIT                                                 2ms`;
    expect(findingsIn(request)).toEqual([
      {
        kind: 'transaction-held',
        severity: 'warning',
        endpoint: 'POST /orders',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary:
          'a transaction was open for 120 ms while it waited for POST payments.internal/charges/{id} (request 500 ms)',
        recommendation:
          'Call before BEGIN or after COMMIT. If the call must not be lost once the rows are written, write it down in the ' +
          'same transaction and make it afterwards (an outbox).',
        confidence: 0.9,
        savedMs: [0, 0],
        estimate:
          'The request gets no faster; its locks and its connection are free 120 ms earlier, which is what other requests wait for.',
        evidence: {
          count: 1,
          totalMs: 120,
          repeatMs: 120,
          spanIds: ['0000000000000004'],
          exampleText: 'POST payments.internal/charges/{id}',
        },
      },
    ]);
  });

  it('several calls together, named after the longest', () => {
    const request = transaction(`${CHARGE} 30ms`, 'http: GET https://mail.internal/quota 40ms');
    expect(findingsIn(request)).toMatchObject([
      {
        summary: expect.stringContaining('waited for 2 calls, the longest of them GET mail.internal/quota'),
        evidence: { count: 2, totalMs: 70, exampleText: 'GET mail.internal/quota' },
      },
    ]);
  });

  it('the line of the longest call, where it is known', () => {
    const request = transaction(`${CHARGE} 30ms`, 'http: GET https://mail.internal/quota 40ms');
    const calls = request.calls.map((call) => ({ ...call, callSite: { file: `${call.name}.ts`, line: 1 } }));
    expect(findingsIn({ ...request, calls })).toMatchObject([
      { evidence: { callSite: { file: 'GET mail.internal/quota.ts', line: 1 } } },
    ]);
    expect(findingsIn(request)[0]?.evidence).not.toHaveProperty('callSite');
  });

  it('a call around which the transaction was rolled back, and one that failed', () => {
    const request = requestFromTrace`
      POST /orders                                               500ms
        mysql: START TRANSACTION                                   1ms
        http: POST https://payments.internal/charges/17          120ms  fails
        mysql: ROLLBACK                                            2ms`;
    expect(findingsIn(request)).toHaveLength(1);
  });

  it('a call within a savepoint, which is no transaction of its own', () => {
    const request = requestFromTrace`
      POST /orders                                               900ms
        pg: BEGIN                                                  1ms
        pg: SAVEPOINT a                                            1ms
        http: POST https://payments.internal/charges/17          120ms
        pg: ROLLBACK TO SAVEPOINT a                                1ms
        http: POST https://payments.internal/charges/18          130ms
        pg: RELEASE SAVEPOINT a                                    1ms
        pg: COMMIT                                                 2ms`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 2, totalMs: 250 } }]);
  });

  it('as critical from 30 % of the request on', () => {
    expect(findingsIn(transaction(`${CHARGE} 599ms`))).toMatchObject([{ severity: 'warning' }]);
    expect(findingsIn(transaction(`${CHARGE} 600ms`))).toMatchObject([{ severity: 'critical' }]);
  });

  it.each([
    ['49ms', 0],
    ['50ms', 1],
    ['49ms x9 at once', 0],
    ['10ms x5', 1],
  ])('calls of %s in %i findings, at the threshold of 50 ms', (times, found) => {
    expect(findingsIn(transaction(`${CHARGE}/# ${times}`))).toHaveLength(found);
  });

  it('under one fingerprint, whatever was called', () => {
    const fingerprints = [CHARGE, 'http: GET https://mail.internal/quota'].map(
      (call) => findingsIn(transaction(`${call} 90ms`))[0]?.fingerprint,
    );
    expect(new Set(fingerprints).size).toBe(1);
  });
});

describe('transaction-held is silent on', () => {
  it('calls before BEGIN and after COMMIT', () => {
    const request = requestFromTrace`
      POST /orders                                               900ms
        http: GET https://payments.internal/limits               120ms
        pg: BEGIN                                                  1ms
        pg: INSERT INTO orders (id) VALUES ($1) with (1)           3ms
        pg: COMMIT                                                 2ms
        http: POST https://payments.internal/charges/17          120ms`;
    expect(findingsIn(request)).toEqual([]);
  });

  it('a transaction and a call that start together', () => {
    const request = requestFromTrace`
      POST /orders                                               900ms
        http: GET https://payments.internal/limits               120ms
        pg: BEGIN                                                  1ms  beside
        pg: INSERT INTO orders (id) VALUES ($1) with (1)          30ms
        pg: COMMIT                                                 2ms`;
    expect(findingsIn(request)).toEqual([]);
  });

  it('a call beside a statement of the transaction', () => {
    const request = requestFromTrace`
      POST /orders                                               900ms
        pg: BEGIN                                                  1ms
        pg: INSERT INTO orders (id) VALUES ($1) with (1)         200ms
        http: GET https://payments.internal/limits               120ms  beside
        pg: COMMIT                                                 2ms`;
    expect(findingsIn(request)).toEqual([]);
  });

  it('a call within which the transaction ends', () => {
    const request = requestFromTrace`
      POST /orders                                               900ms
        pg: BEGIN                                                  1ms
        http: GET https://payments.internal/limits               120ms
        pg: INSERT INTO orders (id) VALUES ($1) with (1)           3ms  beside
        pg: COMMIT                                                 2ms`;
    expect(findingsIn(request)).toEqual([]);
  });

  it('a transaction that nobody ends: its connection was closed', () => {
    const request = requestFromTrace`
      POST /orders                                               900ms
        pg: BEGIN                                                  1ms  fails
        http: GET https://payments.internal/limits               120ms
        pg: SELECT 7 FROM t                                        3ms`;
    expect(findingsIn(request)).toEqual([]);
  });

  it('statements and cache commands in the transaction, however long they take', () => {
    expect(findingsIn(transaction('pg: SELECT count(*) FROM t 400ms', 'redis: GET user:7 90ms'))).toEqual([]);
  });

  it('a request without a transaction', () => {
    expect(findingsIn(drawnRequest(`GET /x 900ms\n  pg: SELECT 7 FROM t 1ms\n  ${CHARGE} 500ms`))).toEqual([]);
  });
});
