import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

describe('the severity of n-plus-one', () => {
  const severityOf = (line: string, requestMs: number): string | undefined =>
    nPlusOne.detect(drawnRequest(`GET /x ${requestMs}ms\n  pg: ${line}`), nPlusOne.defaults)[0]?.severity;
  const read = 'SELECT * FROM t WHERE id = $1 with (#)';
  const write = 'UPDATE t SET a = 1 WHERE id = $1 with (#)';

  it.each([
    ['info', 'under 50 ms', '4.9ms x10', 1000],
    ['warning', 'from 50 ms on', '5ms x10', 1000],
    ['warning', 'under 30 % of the request', '29.9ms x10', 1000],
    ['critical', 'from 30 % of the request on', '30ms x10', 1000],
    ['warning', 'up to 49 repeats', '2ms x49', 10_000],
    ['critical', 'from 50 repeats on', '2ms x50', 10_000],
    ['info', 'under 50 ms, however many and whatever the share', '0.5ms x80', 41],
    ['warning', 'for parallel queries that held the request for a little while', '50ms x10 at once', 1000],
    ['critical', 'for parallel queries that held it for 30 %', '300ms x10 at once', 1000],
  ])('of reads is %s %s', (severity, _when, line, requestMs) => {
    expect(severityOf(`${read} ${line}`, requestMs)).toBe(severity);
  });

  it.each([
    ['info', 'under 50 ms', '4.9ms x10', 1000],
    ['info', 'where reads would be a warning', '5ms x10', 1000],
    ['warning', 'where reads would be critical by their share', '30ms x10', 1000],
    ['warning', 'where reads would be critical by their number', '2ms x50', 10_000],
  ])('of writes is %s %s', (severity, _when, line, requestMs) => {
    expect(severityOf(`${write} ${line}`, requestMs)).toBe(severity);
  });
});

describe('the thresholds of n-plus-one', () => {
  const request = requestFromTrace`
    GET /orders                                          1000ms
      pg: SELECT * FROM users WHERE id = $1 with (#)        5ms  x10`;

  it('have the documented defaults', () => {
    expect(nPlusOne.defaults).toEqual({ minQueries: 5, minTotalMs: 0, warningTotalMs: 50 });
  });

  it.each([
    [{ minQueries: 10 }, ['warning']],
    [{ minQueries: 11 }, []],
    [{ minTotalMs: 50 }, ['warning']],
    [{ minTotalMs: 50.1 }, []],
    [{ warningTotalMs: 50.1 }, ['info']],
  ])('can be set: %j', (override, severities) => {
    const findings = nPlusOne.detect(request, { ...nPlusOne.defaults, ...override });
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
  });
});
