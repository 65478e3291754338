import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { TracedApp } from './traced-app.ts';

const URL_17 = 'https://users.internal/users/17?token=canary';

function startCall(app: TracedApp, root: Span, attributes: Attributes = {}): Span {
  return app.start('GET', SpanKind.CLIENT, root, {
    'http.request.method': 'GET',
    'url.full': URL_17,
    ...attributes,
  });
}

/** Makes a call of `ms`. */
function call(app: TracedApp, root: Span, ms: number, attributes: Attributes = {}): Span {
  const span = startCall(app, root, attributes);
  app.clock.advance(ms);
  app.end(span);
  return span;
}

describe('an HTTP client span', () => {
  it('is a call of its request, by method, host and path template, and no value of its URL stays', () => {
    const app = new TracedApp();
    const root = app.request();
    app.clock.advance(7);
    const span = call(app, root, 40);
    app.end(root);
    expect(app.record.calls).toMatchObject([
      {
        type: 'http',
        system: 'http',
        name: 'GET users.internal/users/{id}?token',
        count: 1,
        errorCount: 0,
        totalMs: 40,
        firstStartMs: 7,
        lastEndMs: 47,
        spanIds: [span.spanContext().spanId],
      },
    ]);
    expect(JSON.stringify(app.record)).not.toContain('canary');
  });

  it('is read by the older names, and by the template of whoever knows it', () => {
    const app = new TracedApp();
    const root = app.request();
    app.end(
      app.start('GET', SpanKind.CLIENT, root, {
        'http.method': 'POST',
        'http.url': 'http://old.internal/a',
        'http.status_code': 500,
      }),
    );
    call(app, root, 1, { 'url.template': '/users/{name}' });
    app.end(root);
    expect(app.record.calls.map(({ name, errorCount }) => [name, errorCount])).toEqual([
      ['POST old.internal/a', 1],
      ['GET users.internal/users/{name}?token', 0],
    ]);
  });

  it('has failed by its status or by that of the answer', () => {
    const app = new TracedApp();
    const root = app.request();
    const failed = startCall(app, root);
    failed.setStatus({ code: SpanStatusCode.ERROR });
    app.end(failed);
    for (const status of [200, 399, 400, 503]) call(app, root, 1, { 'http.response.status_code': status });
    app.end(root);
    expect(app.record.calls).toMatchObject([{ count: 5, errorCount: 3 }]);
  });

  it.each([
    ['a server', SpanKind.SERVER, { 'http.request.method': 'GET', 'url.full': URL_17 }],
    ['inner work', SpanKind.INTERNAL, { 'http.request.method': 'GET', 'url.full': URL_17 }],
    ['a call without a URL', SpanKind.CLIENT, { 'http.request.method': 'GET' }],
    ['a call whose URL is none', SpanKind.CLIENT, { 'http.request.method': 'GET', 'url.full': '/users' }],
    ['a call of another protocol', SpanKind.CLIENT, { 'rpc.system': 'grpc', 'url.full': URL_17 }],
    ['a call whose attributes are no text', SpanKind.CLIENT, { 'http.request.method': 7, 'url.full': URL_17 }],
  ])('of %s is no call', (_, kind, attributes) => {
    const app = new TracedApp();
    const root = app.request();
    app.end(app.start('x', kind, root, attributes));
    app.end(root);
    expect(app.record.calls).toEqual([]);
    expect(app.faultLines).toEqual([]);
  });

  it('that ends after its request changes nothing', () => {
    const app = new TracedApp();
    const root = app.request();
    const late = startCall(app, root);
    app.end(root);
    app.end(late);
    expect(app.record.calls).toEqual([]);
    expect(app.faultLines).toEqual([]);
  });

  it('stands in the timeline when it is long', () => {
    const app = new TracedApp({ thresholds: { 'consecutive-http': { minCallMs: 100 } } });
    const root = app.request();
    call(app, root, 99);
    const long = call(app, root, 100, { 'http.request.method': 'HEAD' });
    app.end(root);
    expect(app.record.longCalls).toEqual([
      { spanId: long.spanContext().spanId, group: 1, method: 'HEAD', startMs: 99, durationMs: 100 },
    ]);
  });

  it('holds the transaction within which it runs, and none before or after', () => {
    const app = new TracedApp();
    const root = app.request();
    call(app, root, 70);
    app.query(root, 'BEGIN');
    app.query(root, 'INSERT INTO t (a) VALUES ($1)');
    const holding = call(app, root, 60);
    app.query(root, 'COMMIT');
    call(app, root, 80);
    app.end(root);
    expect(app.record.heldTransactions).toEqual({
      count: 1,
      totalMs: 60,
      durationMsMax: 60,
      callName: 'GET users.internal/users/{id}?token',
      spanIds: [holding.spanContext().spanId],
    });
    expect(app.record.findings.map(({ kind }) => kind)).toContain('transaction-held');
    expect(Object.keys(app.exportedOf(holding).attributes).join()).not.toContain('hold');
  });
});
