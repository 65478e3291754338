import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { RequestSpanProcessor } from '../../processors/request-span-processor.ts';
import { remoteParent, TracedApp } from './traced-app.ts';

const USERS = 'SELECT * FROM users WHERE id = $1';

describe('a query belongs to the request of its span chain', () => {
  it('also when one trace calls this process twice at the same time', () => {
    const app = new TracedApp();
    const first = app.request(remoteParent());
    const second = app.request(remoteParent());
    expect(first.spanContext().traceId).toBe(second.spanContext().traceId);
    app.query(first, USERS);
    app.query(second, USERS);
    app.query(second, USERS);
    app.end(second);
    app.query(first, USERS);
    app.query(first, USERS);
    app.end(first);
    expect(app.records.map(({ rootSpanId, queryCount }) => [rootSpanId, queryCount])).toEqual([
      [second.spanContext().spanId, 2],
      [first.spanContext().spanId, 3],
    ]);
  });

  it('and two requests that the application makes to itself are two', () => {
    const app = new TracedApp();
    const outer = app.request();
    const call = app.start('GET', SpanKind.CLIENT, outer);
    const inner = app.request(remoteParent(outer.spanContext().traceId), { 'http.route': '/inner' });
    app.query(inner, USERS);
    for (const span of [inner, call, outer]) app.end(span);
    expect(app.records.map(({ endpoint, queryCount }) => [endpoint, queryCount])).toEqual([
      ['GET /inner', 1],
      ['GET /orders', 0],
    ]);
  });

  it('where a server span within a server span is no second request, but lends its route', () => {
    const app = new TracedApp();
    const outer = app.start('GET', SpanKind.SERVER, undefined, { 'http.request.method': 'GET', 'url.path': '/u/17' });
    const inner = app.start('GET /u/[id]', SpanKind.SERVER, outer, { 'http.route': '/u/[id]' });
    app.query(inner, USERS);
    app.end(inner);
    app.query(outer, USERS);
    app.end(outer);
    expect(app.record).toMatchObject({ endpoint: 'GET /u/[id]', queryCount: 2 });
  });

  it('keeps the route of the root where both know one', () => {
    const app = new TracedApp();
    const outer = app.request();
    app.end(app.start('inner', SpanKind.SERVER, outer, { 'http.route': '/inner' }));
    app.end(outer);
    expect(app.record.endpoint).toBe('GET /orders');
  });

  it('is late when its request is over, and changes nothing that was told', () => {
    const app = new TracedApp();
    const root = app.request();
    const open = app.startQuery(root, USERS);
    const helper = app.start('background', SpanKind.INTERNAL, root);
    app.end(root);
    app.end(open);
    app.query(root, USERS);
    app.query(helper, USERS);
    app.query(app.start('later', SpanKind.INTERNAL, helper), USERS);
    expect(app.record.queryCount).toBe(0);
    expect(app).toMatchObject({ lateQueries: 4, orphanQueries: 0 });
    expect(app.exportedOf(root).attributes['slowpath.query.count']).toBe(0);
  });

  it('is an orphan when no request is above it', () => {
    const app = new TracedApp();
    app.query(undefined, USERS);
    app.query(app.start('GET', SpanKind.CLIENT, undefined), USERS);
    app.query(app.start('send', SpanKind.PRODUCER, undefined), USERS);
    app.query(remoteParent(), USERS);
    expect(app).toMatchObject({ lateQueries: 0, orphanQueries: 4, records: [] });
  });

  it('opens a new request below one that is over', () => {
    const app = new TracedApp();
    const first = app.request();
    app.end(first);
    const second = app.request(first, { 'http.route': '/second' });
    app.query(second, USERS);
    app.end(second);
    expect(app.records.map(({ endpoint, queryCount }) => [endpoint, queryCount])).toEqual([
      ['GET /orders', 0],
      ['GET /second', 1],
    ]);
  });
});

describe('the root of a request', () => {
  const recordOf = (name: string, kind: SpanKind, attributes = {}) => {
    const app = new TracedApp();
    const root = app.start(name, kind, undefined, attributes);
    app.query(root, USERS);
    app.end(root);
    return app.record;
  };

  it('is a job when it is internal', () => {
    expect(recordOf('nightly', SpanKind.INTERNAL)).toMatchObject({
      kind: 'job',
      endpoint: 'job nightly',
      queryCount: 1,
    });
  });

  it('is a job when its caller is in another process, and none within a request', () => {
    const app = new TracedApp();
    app.end(app.start('from afar', SpanKind.INTERNAL, remoteParent()));
    const root = app.request();
    app.end(app.start('helper', SpanKind.INTERNAL, root));
    expect(app.records.map(({ endpoint }) => endpoint)).toEqual(['job from afar']);
  });

  it('is a message when it consumes, named by its destination', () => {
    const kind = SpanKind.CONSUMER;
    expect(recordOf('process', kind)).toMatchObject({ kind: 'message', endpoint: 'consume process', queryCount: 1 });
    expect(recordOf('process', kind, { 'messaging.destination.name': 'orders' }).endpoint).toBe('consume orders');
    const both = { 'messaging.destination.name': 'orders-17', 'messaging.destination.template': 'orders-{id}' };
    expect(recordOf('process', kind, both).endpoint).toBe('consume orders-{id}');
  });

  it('is a remote procedure when a server span has no method', () => {
    expect(recordOf('grpc.health.v1.Health/Check', SpanKind.SERVER)).toMatchObject({
      kind: 'http',
      endpoint: 'rpc grpc.health.v1.Health/Check',
    });
  });

  it('is named by its path where no route is known, by older attributes too', () => {
    const old = { 'http.method': 'POST', 'http.target': '/users/17?page=2', 'http.status_code': 200 };
    expect(recordOf('POST', SpanKind.SERVER, old)).toMatchObject({ endpoint: 'POST /users/{id}', statusCode: 200 });
  });

  it('is no span of sockets or files', () => {
    const app = new TracedApp();
    const processor = new RequestSpanProcessor();
    const span = app.start('tcp.connect', SpanKind.INTERNAL, undefined);
    const plumbing = Object.assign(Object.create(span), {
      instrumentationScope: { name: '@opentelemetry/instrumentation-net' },
    });
    processor.onStart(plumbing, ROOT_CONTEXT);
    expect(Object.hasOwn(plumbing, Symbol.for('slowpath.request'))).toBe(false);
  });
});
