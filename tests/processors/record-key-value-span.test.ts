import { SpanKind, type Attributes } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { setCommandKey } from '../../processors/record-key-value-span.ts';
import { TracedApp } from './traced-app.ts';

/** Runs a command for `ms`, as the instrumentations of the clients tell it. */
function command(app: TracedApp, root: Span, text: string, ms = 1, attributes: Attributes = {}): Span {
  return app.query(root, text, ms, { 'db.system.name': 'redis', ...attributes });
}

describe('a key-value span', () => {
  it('is a call of its request, and no part of its key stays', () => {
    const app = new TracedApp();
    const root = app.request();
    app.clock.advance(5);
    const spans = Array.from({ length: 12 }, (_, n) => command(app, root, `hgetall canary:x${n}-canary`, 2));
    app.end(root);
    expect(app.record.calls).toMatchObject([
      {
        type: 'kv',
        system: 'redis',
        shape: 'HGETALL w:*',
        name: 'HGETALL',
        count: 12,
        totalMs: 24,
        firstStartMs: 5,
        overlapCount: 0,
        distinctTargets: 12,
        errorCount: 0,
      },
    ]);
    expect(app.record.calls[0]?.spanIds[0]).toBe(spans[0]?.spanContext().spanId);
    expect(app.record).toMatchObject({ queryCount: 0, findings: [{ kind: 'n-plus-one-kv', evidence: { count: 12 } }] });
    expect(JSON.stringify(app.record)).not.toContain('canary');
  });

  it('is read whole before its key is redacted, and under SLOWPATH_UNREDACTED as well', () => {
    for (const unredacted of [[], ['redis-keys']] as const) {
      const app = new TracedApp({ unredacted });
      const root = app.request();
      for (const id of [1, 2, 3]) command(app, root, `GET user:${id}`);
      app.end(root);
      expect(app.record.calls).toMatchObject([{ count: 3, distinctTargets: 3 }]);
    }
  });

  it.each(['PIPELINE get', 'PIPELINE', 'MULTI get', 'MULTI'])(
    'that went out with others is no call: %s',
    (operation) => {
      const app = new TracedApp();
      const root = app.request();
      command(app, root, 'get user:17', 1, { 'db.operation.name': operation });
      app.end(root);
      expect(app.record.calls).toEqual([]);
    },
  );

  it.each([
    ['a command that asks for no key', { 'db.query.text': 'subscribe news' }],
    ['a connect', { 'db.query.text': 'connect' }],
    ['no text at all', { 'db.query.text': 7 }],
  ])('of %s is no call', (_, attributes) => {
    const app = new TracedApp();
    const root = app.request();
    app.end(app.start('redis', SpanKind.CLIENT, root, { 'db.system.name': 'redis', ...attributes }));
    app.end(root);
    expect(app.record.calls).toEqual([]);
    expect(app.faultLines).toEqual([]);
  });

  it('whose text leaves out its key has the one that its driver’s hook saw, and exports none', () => {
    const app = new TracedApp();
    const root = app.request();
    const keys = ['canary:1', Buffer.from('canary:2'), new Uint8Array([1, 58, 2]), 17, 'canary:1', undefined, {}];
    for (const key of keys) {
      const span = app.startQuery(root, 'hgetall [1 other arguments]', { 'db.system.name': 'redis' });
      setCommandKey(span, key);
      app.end(span);
    }
    app.end(root);
    expect(app.record.calls.map(({ shape, count, distinctTargets }) => [shape, count, distinctTargets])).toEqual([
      ['HGETALL w:*', 3, 2],
      ['HGETALL *:*', 1, 1],
      ['HGETALL *', 1, 1],
      ['HGETALL', 2, 0],
    ]);
    expect(
      JSON.stringify(app.exported.map(({ name, attributes, events }) => ({ name, attributes, events }))),
    ).not.toContain('canary');
  });

  it('of memcached has its command and its key in attributes of their own', () => {
    const app = new TracedApp();
    const root = app.request();
    const attributes = { 'db.system.name': 'memcached', 'db.operation.name': 'get' };
    for (const id of [1, 2])
      app.end(app.start('memcached get', SpanKind.CLIENT, root, { ...attributes, 'db.memcached.key': `user:${id}` }));
    app.end(app.start('memcached get', SpanKind.CLIENT, root, attributes));
    app.end(root);
    expect(app.record.calls).toMatchObject([
      { system: 'memcached', shape: 'GET w:*', count: 2, distinctTargets: 2 },
      { system: 'memcached', shape: 'GET', count: 1, distinctTargets: 0 },
    ]);
  });

  it('is read by the older names, without a request, and after its end without a fault', () => {
    const app = new TracedApp();
    const root = app.request();
    const old = { 'db.system': 'redis', 'db.statement': 'get user:17' };
    app.end(app.start('redis-get', SpanKind.CLIENT, root, old));
    const late = app.start('redis-get', SpanKind.CLIENT, root, old);
    app.end(app.start('redis-get', SpanKind.CLIENT, undefined, old));
    app.end(root);
    app.end(late);
    expect(app.record.calls).toMatchObject([{ count: 1, name: 'GET' }]);
    expect(app.faultLines).toEqual([]);
  });
});
