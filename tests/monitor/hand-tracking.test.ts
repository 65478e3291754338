import { describe, expect, it } from 'vitest';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import { FakeClock } from '../../testing/fake-clock.ts';

function monitorAtZero() {
  const clock = new FakeClock(10);
  return { clock, monitor: new PerformanceMonitor({ clock }) };
}

describe('a request that is tracked by hand', () => {
  it('counts like any other, with its queries and its look-ups', () => {
    const { clock, monitor } = monitorAtZero();
    const outcomes = [
      monitor.startTracking('r1', '/orders/:id', 'get'),
      monitor.recordQuery('r1', 4, { text: "SELECT * FROM orders WHERE id = 'a'", system: 'postgresql', rowCount: 1 }),
      monitor.recordQuery('r1', 6, { text: "SELECT * FROM orders WHERE id = 'b'", system: 'postgresql', rowCount: 3 }),
      monitor.recordQuery('r1', 250, { text: 'DELETE FROM carts', system: 'postgresql', failed: true, slow: true }),
      monitor.recordQuery('r1', 1, { text: 'BEGIN', system: 'postgresql' }),
      monitor.recordQuery('r1', 40),
      monitor.recordCacheHit('r1'),
      monitor.recordCacheHit('r1', false),
    ];
    clock.advance(500);
    outcomes.push(monitor.endTracking('r1', 500));
    expect(outcomes).toEqual(outcomes.map(() => ({ ok: true })));
    expect(monitor.getStatistics()).toMatchObject({
      count: 1,
      errorCount: 1,
      durationMsMax: 500,
      queryCount: 4,
      databaseShare: 0.6,
      cacheHitRate: 0.5,
      slowQueryCount: 1,
      trackingsNotEndedCount: 0,
      endpoints: [{ endpoint: 'GET /orders/:id', count: 1 }],
    });
    expect(monitor.getQueryStatistics().queries).toMatchObject([
      { summary: 'DELETE carts', count: 1, errorCount: 1, totalMs: 250 },
      {
        text: 'SELECT * FROM orders WHERE id = ?',
        count: 2,
        durationMsMin: 4,
        durationMsMax: 6,
        rowCount: 4,
        rowsPerQueryMax: 3,
        endpoints: ['GET /orders/:id'],
      },
    ]);
  });

  it('is told apart from others that run at the same time', () => {
    const { clock, monitor } = monitorAtZero();
    monitor.startTracking('a', '/a', 'GET');
    clock.advance(10);
    monitor.startTracking('b', '/b', 'POST');
    monitor.recordQuery('a', 1);
    clock.advance(10);
    monitor.endTracking('b', 201);
    clock.advance(10);
    monitor.endTracking('a', 404);
    expect(monitor.getStatistics().endpoints).toMatchObject([
      { endpoint: 'GET /a', durationMsMax: 30, queryCount: 1, errorCount: 0 },
      { endpoint: 'POST /b', durationMsMax: 10, queryCount: 0 },
    ]);
  });

  it.each([
    ['/orders/17?token=secret', 'GET /orders/{id}'],
    ['/orders/:id#part', 'GET /orders/:id'],
    ['/v2/files/[name]', 'GET /v2/files/[name]'],
    [`/blobs/${'f'.repeat(64)}`, 'GET /blobs/{id}'],
  ])('keeps no value of the path %s', (endpoint, expected) => {
    const { monitor } = monitorAtZero();
    monitor.startTracking('r', endpoint, 'GET');
    monitor.endTracking('r', 200);
    expect(monitor.getStatistics().endpoints.map((one) => one.endpoint)).toEqual([expected]);
  });

  it('has every duration of a loop, up to a hundred of them', () => {
    const { monitor } = monitorAtZero();
    monitor.startTracking('r', '/', 'GET');
    const record = (durationMs: number) => monitor.recordQuery('r', durationMs, { text: 'SELECT a FROM t' });
    for (let n = 0; n < 90; n++) record(2);
    for (let n = 0; n < 10; n++) record(80);
    for (let n = 0; n < 20; n++) record(n < 10 ? 1 : 3);
    monitor.endTracking('r', 200);
    const [loop] = monitor.getQueryStatistics().queries;
    expect(loop).toMatchObject({ count: 120, totalMs: 1020, durationMsMin: 1, durationMsMax: 80 });
    // The first of them is the least; the mean of the other 19 is told as such.
    expect(loop?.durationsAveragedCount).toBe(19);
    expect(loop?.durationMsP95).toBe(80);
  });

  it('tells shapes apart up to a hundred, and counts the queries beyond', () => {
    const { monitor } = monitorAtZero();
    monitor.startTracking('r', '/', 'GET');
    for (let n = 0; n < 103; n++) monitor.recordQuery('r', 1, { text: `SELECT a${'b'.repeat(n)} FROM t` });
    monitor.endTracking('r', 200);
    expect(monitor.getStatistics().queryCount).toBe(103);
    expect(monitor.getQueryStatistics()).toMatchObject({ queriesNotGroupedCount: 3, queries: { length: 100 } });
  });
});

describe('mistakes in tracking by hand', () => {
  it('are answered with what is wrong, and never thrown', () => {
    const { monitor } = monitorAtZero();
    const calls = [
      monitor.recordQuery('nobody', 5),
      monitor.recordCacheHit('nobody'),
      monitor.endTracking('nobody', 200),
    ];
    expect(calls.map((outcome) => (outcome.ok ? '' : outcome.code))).toEqual(
      calls.map(() => 'SLOWPATH_TRACKING_UNKNOWN_ID'),
    );
    expect(calls[2]).toMatchObject({
      message:
        'endTracking: no request is tracked under this id. Call startTracking(id, endpoint, method) first; a request that ' +
        'ended, or that was given up after an hour or for 1000 newer ones, is no longer known.',
    });
    for (const id of ['', 'x'.repeat(201), undefined as unknown as string]) {
      expect(monitor.startTracking(id, '/', 'GET')).toMatchObject({ ok: false, code: 'SLOWPATH_TRACKING_ID' });
    }
    monitor.startTracking('r', '/', 'GET');
    for (const durationMs of [-1, NaN, Infinity]) {
      expect(monitor.recordQuery('r', durationMs)).toMatchObject({ ok: false, code: 'SLOWPATH_TRACKING_VALUE' });
    }
    monitor.endTracking('r', 200);
    expect(monitor.endTracking('r', 200)).toMatchObject({ ok: false });
    expect(monitor.getStatistics()).toMatchObject({ count: 1, queryCount: 0 });
  });

  it.each([[5n], ['5'], [null], [Symbol('5')]])('leave out a query whose duration is %s, whole', (duration) => {
    const monitor = new PerformanceMonitor();
    monitor.startTracking('r1', '/orders', 'GET');
    expect(monitor.recordQuery('r1', duration as never)).toMatchObject({ ok: false, code: 'SLOWPATH_TRACKING_VALUE' });
    expect(monitor.recordQuery('r1', 5, null as never)).toMatchObject({ ok: false, code: 'SLOWPATH_TRACKING_VALUE' });
    monitor.endTracking('r1', 200);
    expect(monitor.getStatistics()).toMatchObject({ count: 1, queryCount: 0 });
  });

  it.each([[Object.create(null)], [undefined], [7]])(
    'track nothing for the endpoint %s, and end nothing',
    (endpoint) => {
      const monitor = new PerformanceMonitor();
      monitor.startTracking('r1', '/orders', 'GET');
      expect(monitor.startTracking('r1', endpoint as never, 'GET')).toMatchObject({ ok: false });
      expect(monitor.endTracking('r1', 200)).toEqual({ ok: true });
    },
  );

  it('count an id that starts over as one that never ended', () => {
    const { clock, monitor } = monitorAtZero();
    monitor.startTracking('r', '/old', 'GET');
    clock.advance(1000);
    monitor.startTracking('r', '/new', 'GET');
    clock.advance(5);
    monitor.endTracking('r', 200);
    expect(monitor.getStatistics()).toMatchObject({
      count: 1,
      durationMsMax: 5,
      trackingsNotEndedCount: 1,
      endpoints: [{ endpoint: 'GET /new' }],
    });
  });

  it('give up the oldest of more than 1000 open requests, and count it', () => {
    const { monitor } = monitorAtZero();
    for (let n = 0; n < 1000; n++) monitor.startTracking(`r${n}`, '/', 'GET');
    expect(monitor.getStatistics().trackingsNotEndedCount).toBe(0);
    monitor.startTracking('r1000', '/', 'GET');
    expect(monitor.getStatistics().trackingsNotEndedCount).toBe(1);
    expect(monitor.endTracking('r0', 200).ok).toBe(false);
    expect(monitor.endTracking('r1', 200).ok).toBe(true);
    expect(monitor.endTracking('r1000', 200).ok).toBe(true);
  });

  it('give up what has not ended after an hour, when another one starts', () => {
    const { clock, monitor } = monitorAtZero();
    monitor.startTracking('old', '/', 'GET');
    clock.advance(3_600_000);
    monitor.startTracking('young', '/', 'GET');
    expect(monitor.recordQuery('old', 1).ok).toBe(true);
    clock.advance(1);
    monitor.startTracking('youngest', '/', 'GET');
    expect(monitor.recordQuery('old', 1).ok).toBe(false);
    expect(monitor.recordQuery('young', 1).ok).toBe(true);
    expect(monitor.getStatistics().trackingsNotEndedCount).toBe(1);
  });

  it('are forgotten with everything else on reset', () => {
    const { monitor } = monitorAtZero();
    monitor.startTracking('r', '/', 'GET');
    monitor.startTracking('r', '/', 'GET');
    monitor.reset();
    expect(monitor.endTracking('r', 200).ok).toBe(false);
    expect(monitor.getStatistics()).toMatchObject({ count: 0, trackingsNotEndedCount: 0 });
  });
});
