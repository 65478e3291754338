import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestSpanProcessor } from '../../processors/request-span-processor.ts';
import { TracedApp } from './traced-app.ts';

const USERS = 'SELECT * FROM users WHERE id = $1';

describe('no fault of ours or of a sink reaches the application', () => {
  const runRequest = (app: TracedApp): void => {
    const root = app.request();
    app.query(root, USERS);
    app.end(root);
  };
  const fail = (): never => {
    throw new Error('jane@example.org');
  };

  it('when the monitor throws: the fault is counted, and onRequest still hears of the request', () => {
    const app = new TracedApp({ monitor: { add: fail } });
    expect(() => runRequest(app)).not.toThrow();
    expect(app.drops.toJson()).toEqual({ internal: 1 });
    expect(app.faultLines).toHaveLength(1);
    expect(app.faultLines[0]).toContain('in monitor (');
    expect(app.faultLines[0]).not.toContain('jane');
    expect(app.records).toHaveLength(1);
  });

  it('when onRequest throws: the fault is counted, and the monitor has the request', () => {
    const app = new TracedApp({ onRequest: fail });
    expect(() => runRequest(app)).not.toThrow();
    expect(app.drops.toJson()).toEqual({ internal: 1 });
    expect(app.faultLines[0]).toContain('in onRequest (');
    expect(app.monitored).toHaveLength(1);
  });

  it('when counting late and orphan queries throws', () => {
    const app = new TracedApp({ monitor: { add: () => undefined, addLateQueries: fail, addOrphanQueries: fail } });
    const root = app.request();
    app.end(root);
    expect(() => app.query(root, USERS)).not.toThrow();
    expect(() => app.query(undefined, USERS)).not.toThrow();
    expect(app.drops.toJson()).toEqual({ internal: 2 });
  });

  it('when a span’s setAttribute throws: its values go whole, and the request goes on', () => {
    const app = new TracedApp();
    const root = app.request();
    const hostile = app.startQuery(root, "SELECT * FROM users WHERE mail = 'jane@example.org'");
    hostile.setAttribute = fail;
    expect(() => app.end(hostile)).not.toThrow();
    app.query(root, USERS);
    app.end(root);
    expect(app.exportedOf(hostile).attributes['db.query.text']).toBe('REDACTED');
    expect(app.drops.toJson()).toEqual({ internal: 1 });
    expect(app.record.queryCount).toBeGreaterThanOrEqual(1);
    expect(exportedText(app)).not.toContain('jane');
  });

  it('when the root’s setAttribute throws: the request is lost, and the next one is measured', () => {
    const app = new TracedApp();
    const root = app.request();
    root.setAttribute = fail;
    expect(() => app.end(root)).not.toThrow();
    expect(app.drops.toJson()).toEqual({ internal: 1 });
    app.records.length = 0;
    runRequest(app);
    expect(app.record.queryCount).toBe(1);
  });

  it('when attributes are of any type', () => {
    const names = ['db.system.name', 'db.system', 'db.query.text', 'db.statement', 'db.namespace', 'db.operation.name'];
    names.push('db.collection.name', 'db.response.returned_rows', 'http.request.method', 'http.route', 'http.method');
    names.push('http.response.status_code', 'http.status_code', 'http.target', 'url.path', 'url.query', 'url.full');
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withTypedArray: true }),
      fc.constantFrom('postgresql', 'redis', 'mongodb', '', 'SELECT 1', "SELECT '", -1, NaN, Infinity, 1e308),
    );
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom(...names), value), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        ([forRoot, ...forQueries], withoutPrototype) => {
          const app = new TracedApp();
          const root = app.request();
          for (const attributes of forQueries) {
            const span = app.startQuery(root, USERS);
            replaceAttributes(span, { ...span.attributes, ...attributes }, withoutPrototype);
            app.end(span);
          }
          replaceAttributes(root, { ...root.attributes, ...forRoot }, withoutPrototype);
          app.end(root);
          expect(app.drops.toJson()).toEqual({});
          expect(app.record.queryCount).toBeLessThanOrEqual(forQueries.length);
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('when parents are of any kind', () => {
    const app = new TracedApp();
    const parents = [
      context.active(),
      trace.setSpanContext(ROOT_CONTEXT, { traceId: '', spanId: '', traceFlags: 0 }),
      trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext({ traceId: 'x', spanId: 'y', traceFlags: 9 })),
      trace.setSpan(
        ROOT_CONTEXT,
        Object.freeze(trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })),
      ),
    ];
    for (const parent of parents) {
      const root = app.request(parent);
      app.query(root, USERS);
      app.end(root);
    }
    expect(app.records.map(({ queryCount }) => queryCount)).toEqual([1, 1, 1, 1]);
    expect(app.drops.toJson()).toEqual({});
  });

  it('when it is flushed or shut down, more than once', async () => {
    const processor = new RequestSpanProcessor();
    await expect(
      Promise.all([processor.forceFlush(), processor.shutdown(), processor.shutdown()]),
    ).resolves.toBeDefined();
  });
});

function exportedText(app: TracedApp): string {
  return JSON.stringify(
    app.exported.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  );
}

function replaceAttributes(span: object, attributes: Record<string, unknown>, withoutPrototype: boolean): void {
  const replacement: object = Object.assign(withoutPrototype ? Object.create(null) : {}, attributes);
  Object.assign(span, { attributes: replacement });
}
