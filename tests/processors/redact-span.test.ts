import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  redactBlindly,
  redactKeyValueCommand,
  redactUrl,
  redactUrlQuery,
  UNREDACTED,
  type Unredacted,
} from '../../processors/redact-span.ts';
import { TracedApp } from './traced-app.ts';

/** The attributes of one span of a request, as they are exported. */
function exportedAttributes(attributes: Attributes, unredacted: readonly Unredacted[] = [], kind = SpanKind.CLIENT) {
  const app = new TracedApp({ unredacted });
  const root = app.request();
  const span = app.start('call', kind, root, attributes);
  app.end(span);
  app.end(root);
  expect(app.drops.toJson()).toEqual({});
  return app.exportedOf(span).attributes;
}

describe('URLs', () => {
  it.each([
    ['a=1&token=x', 'a=REDACTED&token=REDACTED'],
    ['?a=1', '?a=REDACTED'],
    ['a=1=2&b=', 'a=REDACTED&b=REDACTED'],
    ['secret', 'REDACTED'],
    ['a=1&&secret&', 'a=REDACTED&&REDACTED&'],
    ['=x', '=REDACTED'],
    ['', ''],
    ['?', '?'],
  ])('keep the names of their query and lose the values: %j', (query, redacted) => {
    expect(redactUrlQuery(query)).toBe(redacted);
  });

  it.each([
    ['https://example.org/a/b', 'https://example.org/a/b'],
    ['https://example.org/a?b=1#jane', 'https://example.org/a?b=REDACTED'],
    ['https://example.org/#/reset?token=jane', 'https://example.org/'],
    ['https://jane:secret@example.org/a', 'https://REDACTED@example.org/a'],
    ['https://jane@example.org', 'https://REDACTED@example.org'],
    ['https://jane:se@cret@example.org/a@b', 'https://REDACTED@example.org/a@b'],
    ['https://example.org?x=jane@x', 'https://example.org?x=REDACTED'],
    ['/a?b=jane', '/a?b=REDACTED'],
    ['', ''],
    ['not a url', 'not a url'],
  ])('lose user, password, values and fragment: %j', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });

  it('are redacted on every span, whatever its kind', () => {
    const attributes = {
      'url.full': 'https://jane:pw@example.org/a?b=jane#jane',
      'url.query': 'b=jane',
      'url.path': '/a',
    };
    for (const kind of [SpanKind.CLIENT, SpanKind.SERVER, SpanKind.INTERNAL]) {
      expect(exportedAttributes(attributes, [], kind)).toMatchObject({
        'url.full': 'https://REDACTED@example.org/a?b=REDACTED',
        'url.query': 'b=REDACTED',
        'url.path': '/a',
      });
    }
  });

  it('stay as they are when they are named', () => {
    const attributes = { 'url.full': 'https://jane@example.org/a?b=jane', 'url.query': 'b=jane' };
    expect(exportedAttributes(attributes, ['url-values'])).toMatchObject(attributes);
  });

  it('never keep a canary in a value, a user or a fragment', () => {
    // Without `&` and `=`, which would make a name of it: names are kept.
    const part = fc.string({ unit: fc.constantFrom(...'ab?/@:%;'), maxLength: 6 });
    fc.assert(
      fc.property(part, part, part, (before, between, after) => {
        expect(redactUrl(`https://example.org/?x=${before}canary${after}`)).not.toContain('canary');
        expect(redactUrl(`https://example.org/${before.replaceAll('?', '')}#${between}canary${after}`)).not.toContain(
          'canary',
        );
        const user = `${between}canary${after}`.replaceAll(/[/?]/g, '');
        expect(redactUrl(`https://${user}@example.org/`)).not.toContain('canary');
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  // Instrumentations before the stable conventions write these; the endpoint is read from the second one.
  it('lose their values under the older names too', () => {
    const attributes = exportedAttributes({ 'http.url': 'https://example.org/a?b=jane', 'http.target': '/a?b=jane' });
    expect(JSON.stringify(attributes)).not.toContain('jane');
  });
});

describe('statements', () => {
  it('lose their literals', () => {
    const attributes = {
      'db.system.name': 'postgresql',
      'db.query.text': "SELECT * FROM users WHERE mail = 'jane@x.io'",
    };
    expect(exportedAttributes(attributes)['db.query.text']).toBe('SELECT * FROM users WHERE mail = ?');
  });

  it('lose them without a request above, and as wrapped spans, and as control statements', () => {
    const app = new TracedApp();
    const text = "SELECT * FROM users WHERE mail = 'jane@x.io'";
    app.query(undefined, text);
    const root = app.request();
    const orm = app.startQuery(root, text);
    app.query(orm, text);
    app.end(orm);
    app.query(root, "SET app.user = 'jane@x.io'");
    app.end(root);
    app.query(root, text);
    expect(app.exported).toHaveLength(6);
    expect(JSON.stringify(app.exported.map(({ attributes }) => attributes))).not.toContain('jane');
  });

  it('stay as they are when they are named, while the record has none', () => {
    const app = new TracedApp({ unredacted: ['query-text'] });
    const root = app.request();
    const span = app.query(root, "SELECT * FROM users WHERE mail = 'jane@x.io'");
    app.end(root);
    expect(app.exportedOf(span).attributes['db.query.text']).toContain('jane');
    expect(JSON.stringify(app.record)).not.toContain('jane');
  });

  const canary = '{"query":{"match":{"mail":"jane@x.io"}}}';
  it('of document stores are their operation and collection', () => {
    const attributes = {
      'db.system.name': 'elasticsearch',
      'db.operation.name': 'search',
      'db.collection.name': 'users',
      'db.query.text': canary,
    };
    expect(exportedAttributes(attributes)['db.query.text']).toBe('search users');
  });

  // Read by nobody, but exported: these four stand as they came.
  it.each([
    [
      'of a document store that names no operation',
      { 'db.system.name': 'elasticsearch', 'db.query.text': canary },
      SpanKind.CLIENT,
    ],
    [
      'of MongoDB',
      { 'db.system.name': 'mongodb', 'db.operation.name': 'find', 'db.query.text': canary },
      SpanKind.CLIENT,
    ],
    [
      'on a span that is no client’s',
      { 'db.system.name': 'postgresql', 'db.query.text': "SELECT 'jane'" },
      SpanKind.INTERNAL,
    ],
    ['on a span that names no system', { 'db.query.text': "SELECT 'jane'" }, SpanKind.CLIENT],
    [
      'as parameters',
      { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT $1', 'db.query.parameter.0': 'jane' },
      SpanKind.CLIENT,
    ],
  ])('lose their values %s', (_where, attributes: Attributes, kind) => {
    expect(JSON.stringify(exportedAttributes(attributes, [], kind))).not.toContain('jane');
  });
});

describe('commands of key-value stores', () => {
  it.each([
    ['get session:jane@x.io', 'get session:?'],
    ['get session:jane@x.io [1 other arguments]', 'get session:?'],
    ['hset user_cache:17 name jane', 'hset user_cache:?'],
    ['get jane', 'get ?'],
    ['get jane@x.io:cart', 'get ?'],
    ['get 17:cart', 'get ?'],
    ['get :x', 'get ?'],
    [`get ${'x'.repeat(33)}:1`, 'get ?'],
    [`get ${'x'.repeat(32)}:1`, `get ${'x'.repeat(32)}:?`],
    ['ping', 'ping'],
    ['', ''],
  ])('keep the command and the kind of key: %j', (command, redacted) => {
    expect(redactKeyValueCommand(command)).toBe(redacted);
  });

  it('are redacted on the span, by both names, unless they are named', () => {
    const attributes = {
      'db.system': 'redis',
      'db.statement': 'get session:jane',
      'db.query.text': 'get session:jane',
    };
    expect(exportedAttributes(attributes)).toMatchObject({
      'db.statement': 'get session:?',
      'db.query.text': 'get session:?',
    });
    expect(exportedAttributes(attributes, ['redis-keys'])).toMatchObject(attributes);
  });
});

describe('what may leave unredacted', () => {
  it('is one thing by its name, and nothing else with it', () => {
    const sensitive: Record<Unredacted, (app: TracedApp) => void> = {
      'query-text': (app) => void app.query(undefined, "SELECT 'jane'"),
      'url-values': (app) => app.end(app.start('call', SpanKind.CLIENT, undefined, { 'url.query': 'a=jane' })),
      'redis-keys': (app) => void app.query(undefined, 'get jane', 1, { 'db.system.name': 'redis' }),
      'error-text': (app) => {
        const span = app.start('call', SpanKind.CLIENT, undefined);
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'jane' });
        app.end(span);
      },
    };
    expect(Object.keys(sensitive).toSorted()).toEqual(UNREDACTED.toSorted());
    for (const named of UNREDACTED) {
      const app = new TracedApp({ unredacted: [named] });
      for (const make of Object.values(sensitive)) make(app);
      const leaked = app.exported.map(({ attributes, status }) =>
        JSON.stringify({ attributes, status }).includes('jane'),
      );
      expect(leaked).toEqual(Object.keys(sensitive).map((name) => name === named));
    }
  });

  it('is nothing for a name that does not exist', () => {
    const app = new TracedApp({ unredacted: ['all', 'query-texts'] as unknown as Unredacted[] });
    const span = app.query(undefined, "SELECT 'jane'");
    expect(app.exportedOf(span).attributes['db.query.text']).not.toContain('jane');
  });
});

describe('on a fault of ours', () => {
  it('whatever might hold a value goes whole', () => {
    const app = new TracedApp();
    const span = app.start('call', SpanKind.CLIENT, undefined, {
      'db.system.name': 'postgresql',
      'db.query.text': "SELECT 'jane'",
      'db.statement': "SELECT 'jane'",
      'url.full': 'https://jane@example.org',
      'url.query': 'a=jane',
      'http.route': '/a',
    });
    span.recordException(new Error('jane'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'jane' });
    span.setAttribute = (): never => {
      throw new Error('refused');
    };
    app.end(span);

    const { attributes, status, events } = app.exportedOf(span);
    expect(attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.query.text': 'REDACTED',
      'db.statement': 'REDACTED',
      'url.full': 'REDACTED',
      'url.query': 'REDACTED',
      'http.route': '/a',
    });
    expect(status.message).toBe('REDACTED');
    expect(JSON.stringify(events)).not.toContain('jane');
    expect(app.drops.toJson()).toEqual({ internal: 1 });
  });

  it('a span that cannot be written to throws nothing', () => {
    const app = new TracedApp();
    const span = app.startQuery(undefined, "SELECT 'jane'");
    Object.freeze(span.attributes);
    expect(() => redactBlindly(span)).not.toThrow();
    expect(() => app.end(span)).not.toThrow();
  });
});
