import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnalyzedRequest, Endpoint } from '../../core/types.ts';
import {
  isNotable,
  MAX_LINE_ENDPOINT_LENGTH,
  MAX_LINE_FINDINGS,
  requestLogLine,
} from '../../instrumentation/request-log-line.ts';
import { drawnRequest } from '../../testing/index.ts';
import { read, tableRowsOf } from '../docs/markdown.ts';

const END_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const loop = drawnRequest(`
  GET /orders/:id 180ms
    pg: SELECT id FROM orders WHERE id = $1 with (7) 4ms
    pg: SELECT name FROM users WHERE id = $1 with (#) 6ms x20`);
const quiet = drawnRequest('GET /quiet 3ms');

function entryOf(request: AnalyzedRequest): Record<string, unknown> {
  const line = requestLogLine(request, END_UNIX_MS);
  expect(line).toMatch(/^\{[^\n\r]*\}\n$/);
  return JSON.parse(line) as Record<string, unknown>;
}

describe('the line of a request', () => {
  it('says what the request was, what it cost and what was found in it', () => {
    const request: AnalyzedRequest = { ...loop, statusCode: 200, durationMs: 180.123456, sampled: false };
    const [finding] = request.findings;
    expect(entryOf(request)).toEqual({
      time: '2026-01-02T03:04:05.678Z',
      endpoint: 'GET /orders/:id',
      method: 'GET',
      statusCode: 200,
      durationMs: 180.123,
      queryCount: 21,
      queryTotalMs: 124,
      transactionCount: 0,
      failed: false,
      aborted: false,
      findings: [{ kind: 'n-plus-one', fingerprint: finding?.fingerprint, severity: finding?.severity, count: 20 }],
      traceId: request.traceId,
      sampled: false,
    });
  });

  it('leaves out what is not known', () => {
    expect(Object.keys(entryOf({ ...quiet, statusCode: 0, queriesObserved: false, durationMs: NaN }))).toEqual([
      'time',
      'endpoint',
      'method',
      'failed',
      'aborted',
      'findings',
      'traceId',
      'sampled',
    ]);
  });

  it.each([
    ['http', 'POST /orders', 'POST'],
    ['http', '_OTHER /orders', '_OTHER'],
    ['http', 'rpc grpc.health.v1.Health/Check', undefined],
    ['job', 'job nightly report', undefined],
    ['message', 'consume orders', undefined],
  ] as const)('of kind %s for "%s" has the method %s', (kind, endpoint, method) => {
    expect(entryOf({ ...quiet, kind, endpoint: endpoint as Endpoint })['method']).toBe(method);
  });

  it('tells streams and upgrades, whose duration is up to the client', () => {
    expect(entryOf(quiet)).not.toHaveProperty('connection');
    for (const connection of ['stream', 'upgrade'] as const)
      expect(entryOf({ ...quiet, connection })['connection']).toBe(connection);
  });

  it('lists so many findings, and counts the others', () => {
    const [finding] = loop.findings;
    if (finding === undefined) throw new Error('the picture has no finding');
    const many = (count: number): AnalyzedRequest => ({
      ...loop,
      findings: Array.from({ length: count }, () => finding),
    });
    expect(entryOf(many(MAX_LINE_FINDINGS))).not.toHaveProperty('findingsNotListed');
    const entry = entryOf(many(MAX_LINE_FINDINGS + 3));
    expect(entry['findings']).toHaveLength(MAX_LINE_FINDINGS);
    expect(entry['findingsNotListed']).toBe(3);
  });

  it('has the fields that its page names, in that order', () => {
    const [finding] = loop.findings;
    if (finding === undefined) throw new Error('the picture has no finding');
    const findings = Array.from({ length: MAX_LINE_FINDINGS + 1 }, () => finding);
    const rows = tableRowsOf(read('docs/request-log.md')).map(([name]) => name ?? '');
    const from = rows.indexOf('field');
    const fields = Object.keys(entryOf({ ...loop, statusCode: 200, connection: 'stream', findings }));
    expect(fields).toHaveLength(15);
    expect(rows.slice(from + 1, from + 1 + fields.length)).toEqual(fields);
    expect(rows.slice(from + 1 + fields.length)).toEqual(expect.arrayContaining(['request_log_full']));
  });

  it('holds no text of a query', () => {
    const line = requestLogLine(drawnRequest("GET /a 90ms\n  pg: SELECT 1 FROM t WHERE a = 'canary' 6ms x20"), 0);
    expect(line).toContain('"count":20');
    expect(line).not.toMatch(/canary|SELECT/);
  });

  it('is one line that parses, whatever the endpoint is called', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.constantFrom('a\nb\r\u2028"\\\ud800')),
        (text) => {
          const { endpoint } = entryOf({ ...quiet, endpoint: text as Endpoint });
          expect(endpoint).toBe(text.slice(0, MAX_LINE_ENDPOINT_LENGTH));
          // As bytes: a lone half of a character must not become another one on its way to the file.
          const bytes = Buffer.from(requestLogLine({ ...quiet, endpoint: text as Endpoint }, 0));
          expect(bytes.indexOf('\n')).toBe(bytes.length - 1);
          expect((JSON.parse(bytes.toString()) as { endpoint: string }).endpoint).toBe(endpoint);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('a notable request', () => {
  const gaveUp: AnalyzedRequest = { ...quiet, aborted: true, durationMs: 1000 };

  it.each<[string, AnalyzedRequest, boolean]>([
    ['with a finding', loop, true],
    ['that was slow', drawnRequest('GET /report 1200ms'), true],
    ['that failed', { ...quiet, failed: true }, true],
    ['whose client went away when it was slow', gaveUp, true],
    ['whose client went away before', { ...gaveUp, durationMs: 999 }, false],
    ['whose client closed its stream', { ...gaveUp, connection: 'stream' }, false],
    ['that took as long as it likes, being a stream', { ...quiet, durationMs: 5000, connection: 'stream' }, false],
    ['that was quick and well', quiet, false],
    ['whose findings are all suppressed', { ...quiet, findingsSuppressed: 1 }, false],
  ])('is one %s', (_name, request, expected) => {
    expect(isNotable(request, 1000)).toBe(expected);
  });
});
