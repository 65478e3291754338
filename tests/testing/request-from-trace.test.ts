import { describe, expect, it } from 'vitest';
import { drawnRequest, FakeClock, requestFromTrace } from '../../testing/index.ts';

describe('a drawn request', () => {
  it('is the request of its first line', () => {
    expect(requestFromTrace`POST /orders 120.5ms -> 503`).toMatchObject({
      kind: 'http',
      endpoint: 'POST /orders',
      durationMs: 120.5,
      statusCode: 503,
      failed: true,
      queryCount: 0,
      findings: [],
    });
    expect(requestFromTrace`job nightly 5ms`).toMatchObject({ kind: 'job', endpoint: 'job nightly' });
    expect(requestFromTrace`consume orders 5ms`).toMatchObject({ kind: 'message', endpoint: 'consume orders' });
    expect(requestFromTrace`GET /x 5ms -> 404`).toMatchObject({ statusCode: 404, failed: false });
  });

  it('has the queries of its lines, one after the other', () => {
    const request = requestFromTrace`
      GET /orders                                         80ms
        pg: SELECT * FROM users WHERE id = $1 with (#)     2ms  x3 rows 1
        mysql: UPDATE items SET a = 1                      5ms  on shop fails`;
    expect(request).toMatchObject({
      queryCount: 4,
      queryTotalMs: 11,
      groups: [
        {
          system: 'postgresql',
          count: 3,
          firstStartMs: 0,
          lastEndMs: 6,
          overlapCount: 0,
          rowCount: 3,
          rowCountKnown: 3,
        },
        { system: 'mysql', namespace: 'shop', kind: 'write', count: 1, errorCount: 1, firstStartMs: 6, lastEndMs: 11 },
      ],
    });
  });

  it('starts repeats "at once" together, and what follows after them', () => {
    const request = requestFromTrace`
      GET /orders                                        80ms
        pg: SELECT * FROM users WHERE id = $1 with (#)    4ms  x3 at once
        pg: SELECT count(*) FROM items                    2ms`;
    expect(request.groups).toMatchObject([
      { firstStartMs: 0, lastEndMs: 4, overlapCount: 2 },
      { firstStartMs: 4, lastEndMs: 6 },
    ]);
  });

  it('has the look-ups of its lines; a miss computes for as long as it lasts', () => {
    const request = requestFromTrace`
      GET /settings                                        80ms
        cache: hit user:{userId}:settings                   0ms  x3 saves 20ms
        cache: miss user:{userId}:permissions              30ms
          pg: SELECT * FROM permissions WHERE user_id = 1  25ms
        cache: coalesced config:{name}                      4ms
        cache: stale bot:{botId}:config                     0ms
        cache: bypass search:{queryHash}                    0ms`;
    expect(request).toMatchObject({
      queryCount: 1,
      cache: {
        lookups: 6,
        hits: 4,
        staleHits: 1,
        misses: 1,
        coalesced: 1,
        bypassed: 1,
        errors: 0,
        computeMs: 30,
        savedMs: 60,
      },
    });
    expect(requestFromTrace`GET /x 5ms`.cache).toBeUndefined();
    expect(() => drawnRequest('GET /x 5ms\n  cache: found users 0ms')).toThrow('a look-up ends as none of hit, stale');
  });

  it('knows the values after "with", knows that a text without placeholders has none, and nothing else', () => {
    const setsOf = (line: string) => {
      const [group] = drawnRequest(`GET /x 9ms\n  pg: ${line}`).groups;
      return [group?.parameterSets.length, group?.parametersUnknownCount];
    };
    expect(setsOf('SELECT * FROM t WHERE a = $1 with (#) 1ms x3')).toEqual([3, 0]);
    expect(setsOf('SELECT * FROM t WHERE a = $1 with (7) 1ms x3')).toEqual([1, 0]);
    expect(setsOf('SELECT * FROM t WHERE a = $1 AND b = $2 with (7, #) 1ms x3')).toEqual([3, 0]);
    expect(setsOf('SELECT * FROM t WHERE a = # 1ms x3')).toEqual([3, 0]);
    expect(setsOf('SELECT * FROM t WHERE a = 7 1ms x3')).toEqual([1, 0]);
    expect(setsOf('SELECT count(*) FROM t 1ms x3')).toEqual([1, 0]);
    expect(setsOf('SELECT * FROM t WHERE a = $1 1ms x3')).toEqual([0, 3]);
  });

  it('counts a BEGIN as a transaction and other control statements as nothing', () => {
    const request = requestFromTrace`
      GET /orders     80ms
        pg: BEGIN      1ms
        pg: COMMIT     1ms
        pg: SELECT 1   1ms`;
    expect(request).toMatchObject({ queryCount: 0, transactionCount: 1, groups: [] });
  });

  it('takes a word that is no database for a span that is no query', () => {
    expect(drawnRequest('GET /x 9ms\n  redis: GET a 1ms\n  fn: load 1ms x3')).toMatchObject({ queryCount: 0 });
  });

  it('takes values from the template', () => {
    expect(requestFromTrace`GET /x ${9}ms
      pg: SELECT count(*) FROM t 1ms x${3}`).toMatchObject({ durationMs: 9, queryCount: 3 });
  });

  it('obeys thresholds', () => {
    const picture = 'GET /x 90ms\n  pg: SELECT * FROM t WHERE id = # 1ms x3';
    expect(drawnRequest(picture).findings).toEqual([]);
    expect(drawnRequest(picture, { thresholds: { 'n-plus-one': { minQueries: 3 } } }).findings).toMatchObject([
      { kind: 'n-plus-one' },
    ]);
    expect(drawnRequest('GET /x 90ms', { thresholds: { 'slow-endpoint': { minMs: 90 } } }).findings).toHaveLength(1);
  });

  // Live requests take the record's threshold from this same place.
  it('obeys the threshold of slow-query where only that is given', () => {
    const picture = 'GET /x 900ms\n  pg: SELECT count(*) FROM t 60ms';
    const { findings } = drawnRequest(picture, { thresholds: { 'slow-query': { minMs: 50 } } });
    expect(findings).toMatchObject([{ kind: 'slow-query' }]);
  });
});

describe('a picture that cannot be read', () => {
  const form =
    'Write: [tag:] text [with (values)] 12ms [x3] [at once] [beside] [rows 10] [on shard] [fails] [saves 20ms] [-> 200]';

  it.each([
    ['without a duration', 'GET /x', 'trace line 1 does not parse: "GET /x".'],
    ['with seconds', 'GET /x 1s', 'trace line 1 does not parse: "GET /x 1s".'],
    [
      'with a word too many',
      'GET /x 9ms\n  pg: SELECT a 1ms x3 twice',
      'trace line 2 does not parse: "pg: SELECT a 1ms x3 twice".',
    ],
    ['with half an option', 'GET /x 9ms\n  pg: SELECT a 1ms at', 'trace line 2 does not parse: "pg: SELECT a 1ms at".'],
  ])('is refused %s, with the line and the accepted form', (_how, picture, message) => {
    expect(() => drawnRequest(picture)).toThrow(`${message} ${form}`);
  });

  it('is refused when it is empty', () => {
    for (const empty of ['', '  \n \n'])
      expect(() => drawnRequest(empty)).toThrow('the trace is empty. Write the request');
  });
});

describe('the fake clock', () => {
  it('stands still until it is told to go on', () => {
    const clock = new FakeClock(5);
    expect([clock.nowMs(), clock.nowMs()]).toEqual([5, 5]);
    clock.advance(1.5);
    expect(clock.nowMs()).toBe(6.5);
    expect(new FakeClock().nowMs()).toBe(0);
  });
});
