import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { AlwaysOffSampler, createAlwaysRecordSampler } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../../request/request-on-span.ts';
import { TracedApp } from './traced-app.ts';

const USERS = 'SELECT * FROM users WHERE id = $1';

describe('a request', () => {
  it('is measured from its spans', () => {
    const app = new TracedApp();
    const root = app.request();
    app.query(root, USERS, 2);
    app.query(root, 'SELECT count(*) FROM items', 3);
    app.clock.advance(5);
    app.end(root);

    expect(app.record).toMatchObject({
      traceId: root.spanContext().traceId,
      rootSpanId: root.spanContext().spanId,
      kind: 'http',
      endpoint: 'GET /orders',
      statusCode: 200,
      failed: false,
      aborted: false,
      sampled: true,
      durationMs: 10,
      queryCount: 2,
      queryTotalMs: 5,
      transactionCount: 0,
      queriesObserved: true,
      slowQueryMinMs: 200,
      findings: [],
    });
    expect(
      app.record.groups.map(({ count, totalMs, firstStartMs, lastEndMs }) => [count, totalMs, firstStartMs, lastEndMs]),
    ).toEqual([
      [1, 2, 0, 2],
      [1, 3, 2, 5],
    ]);
    expect(app.monitored).toEqual(app.records);
    expect(app.drops.toJson()).toEqual({});
  });

  it('counts 10 000 queries of one tick exactly', () => {
    const app = new TracedApp();
    const root = app.request();
    for (let n = 0; n < 10_000; n++) app.query(root, n % 2 === 0 ? USERS : `SELECT * FROM items WHERE id = ${n}`, 1);
    app.end(root);
    expect(app.record).toMatchObject({ queryCount: 10_000, queryTotalMs: 10_000, queriesNotGrouped: 0 });
    expect(app.record.groups.map(({ count, totalMs, overlapCount }) => [count, totalMs, overlapCount])).toEqual([
      [5000, 5000, 0],
      [5000, 5000, 0],
    ]);
    expect(app.exportedOf(root).attributes['slowpath.query.count']).toBe(10_000);
  });

  it('has the queries of spans in between: helpers, and calls to others', () => {
    const app = new TracedApp();
    const root = app.request();
    const helper = app.start('loadOrder', SpanKind.INTERNAL, root);
    const call = app.start('POST', SpanKind.CLIENT, helper);
    app.query(helper, USERS);
    app.query(call, USERS);
    for (const span of [call, helper, root]) app.end(span);
    expect(app.record).toMatchObject({ queryCount: 2 });
  });

  it.each([
    ['by its status code', { 'http.response.status_code': 500 }, SpanStatusCode.UNSET, true],
    [
      'by the older name of the status code',
      { 'http.response.status_code': undefined, 'http.status_code': 503 },
      SpanStatusCode.UNSET,
      true,
    ],
    ['by the status of its span', {}, SpanStatusCode.ERROR, true],
    ['not by a mistake of the client', { 'http.response.status_code': 404 }, SpanStatusCode.UNSET, false],
  ])('has failed %s', (_how, attributes, code, failed) => {
    const app = new TracedApp();
    const root = app.request();
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined) delete root.attributes[name];
      else root.setAttribute(name, value);
    }
    root.setStatus({ code });
    app.end(root);
    expect(app.record.failed).toBe(failed);
  });

  it('knows that its count of 0 means nothing while nothing observes queries', () => {
    const app = new TracedApp({ queriesObserved: () => false });
    const silent = app.request();
    app.end(silent);
    const busy = app.request();
    app.query(busy, USERS);
    app.end(busy);
    expect(app.records.map(({ queriesObserved }) => queriesObserved)).toEqual([false, true]);
    expect(app.exportedOf(silent).attributes).not.toHaveProperty('slowpath.query.count');
    expect(app.exportedOf(busy).attributes).toMatchObject({ 'slowpath.query.count': 1 });
  });
});

describe('sampling', () => {
  it('decides what is exported and never what is measured', () => {
    const app = new TracedApp({ sampler: createAlwaysRecordSampler(new AlwaysOffSampler()) });
    const root = app.request();
    for (let n = 0; n < 6; n++) app.query(root, `SELECT * FROM users WHERE id = ${n}`);
    app.end(root);
    expect(root.spanContext().traceFlags).toBe(TraceFlags.NONE);
    expect(app.record).toMatchObject({ sampled: false, queryCount: 6, findings: [{ kind: 'n-plus-one' }] });
    expect(app.exported).toEqual([]);
  });
});

describe('clocks', () => {
  it('that jump in the middle of a request change no count and make no time negative', () => {
    for (const jumpMs of [-3_600_000, -5, 5, 3_600_000]) {
      const app = new TracedApp();
      const root = app.request();
      app.query(root, USERS, 2);
      app.wallJumpMs = jumpMs;
      app.query(root, USERS, 2);
      app.query(root, USERS, 2);
      app.end(root);
      expect(app.record.queryCount).toBe(3);
      expect(app.record.queryTotalMs).toBeCloseTo(6, 6);
      expect(app.record.durationMs).toBeGreaterThanOrEqual(0);
      for (const group of app.record.groups) {
        expect(group.firstStartMs).toBeGreaterThanOrEqual(0);
        expect(group.lastEndMs).toBeGreaterThanOrEqual(group.firstStartMs);
      }
    }
  });

  it('of whole milliseconds do not make short queries overlap', () => {
    const app = new TracedApp();
    const root = app.request();
    for (let n = 0; n < 20; n++) {
      app.wallJumpMs = -(app.clock.nowMs() % 1);
      const span = app.startQuery(root, `SELECT * FROM users WHERE id = ${n}`);
      app.clock.advance(0.4);
      // The SDK's end is the start plus a monotonic duration.
      app.end(span);
      app.clock.advance(0.05);
    }
    app.end(root);
    expect(app.record.findings).toMatchObject([{ evidence: { count: 20, mode: 'sequential' } }]);
  });

  it('leave spans that were made afterwards the times that they have', () => {
    const app = new TracedApp();
    const root = app.request();
    app.clock.advance(100);
    const open = [1, 2, 3].map((n) => app.startQuery(root, `SELECT * FROM users WHERE id = ${n}`));
    app.clock.advance(50);
    const ended: [number, number] = [root.startTime[0], root.startTime[1] + 150e6];
    app.clock.advance(300);
    for (const span of open) span.end(ended);
    app.end(root);
    expect(app.record.groups).toMatchObject([{ count: 3, totalMs: 150, firstStartMs: 100, lastEndMs: 150 }]);
  });
});

describe('memory', () => {
  it('holds nothing of spans that never end', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: unknown = runInNewContext('gc');
    if (typeof collectGarbage !== 'function') throw new Error('this Node.js cannot collect garbage on demand');
    const app = new TracedApp();
    const startAndForget = (): WeakRef<object>[] =>
      Array.from({ length: 50 }, () => {
        const root = app.request();
        const query = app.startQuery(root, USERS);
        const request = requestOf(query);
        if (request === undefined) throw new Error('the query belongs to no request');
        return new WeakRef(request);
      });
    const forgotten = startAndForget();
    // A WeakRef that was made holds its target until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(forgotten.filter((reference) => reference.deref() !== undefined)).toHaveLength(0);
  });
});
