import { SpanKind, type Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { CallSite } from '../../core/types.ts';
import { CallSites } from '../../request/call-sites.ts';
import { TracedApp } from './traced-app.ts';

/** What six queries of that text, with those attributes, give as their line; stacks find no line in these. */
function toldBy(attributes: Attributes, text = 'SELECT name FROM users WHERE id = $1'): CallSite | undefined {
  const app = new TracedApp({ callSites: new BlindCallSites() });
  const request = app.request();
  for (let n = 0; n < 6; n++) app.query(request, text, 2, attributes);
  app.end(request);
  return app.record.findings[0]?.evidence.callSite;
}

/** A process whose stacks hold no line of the application, as when a queue or a data loader sends the queries. */
class BlindCallSites extends CallSites {
  override locate(): undefined {}
}

const SITE = { file: 'src/orders.ts', line: 42 };

describe('a line that somebody tells', () => {
  it.each<[string, Attributes, CallSite | undefined]>([
    ['by its attributes', { 'code.file.path': 'src/orders.ts', 'code.line.number': 42 }, SITE],
    ['by the older attributes', { 'code.filepath': 'src/orders.ts', 'code.lineno': 42 }, SITE],
    [
      'below the working directory',
      { 'code.file.path': `${process.cwd()}/src/orders.ts`, 'code.line.number': 42 },
      SITE,
    ],
    [
      'with column and function',
      {
        'code.file.path': 'src/orders.ts',
        'code.line.number': 42,
        'code.column.number': 7,
        'code.function.name': 'Orders.load',
      },
      { ...SITE, column: 7, functionName: 'Orders.load' },
    ],
    ['not without a line', { 'code.file.path': 'src/orders.ts' }, undefined],
    ['not with a line that is none', { 'code.file.path': 'src/orders.ts', 'code.line.number': 0 }, undefined],
    ['not with a file that is none', { 'code.file.path': 'user 17 said hello', 'code.line.number': 4 }, undefined],
  ])('is taken %s', (_, attributes, expected) => {
    expect(toldBy(attributes)).toEqual(expected);
  });

  it.each<[string, CallSite | undefined]>([
    ["/*file='src%2Forders.ts',line='42'*/", SITE],
    [
      "/*file='src%2Forders.ts',line='42',column='7',function='Orders.load'*/",
      { ...SITE, column: 7, functionName: 'Orders.load' },
    ],
    ["/*controller='orders',line='src%2Forders.ts:42:in load'*/", SITE],
    ["/*source_location='src%2Forders.ts:42:7'*/", { ...SITE, column: 7 }],
    ["/*controller='orders',action='index'*/", undefined],
    ["/*traceparent='00-1-1-01'*/", undefined],
    ["/*file='secret of a user',line='42'*/", undefined],
    ["/*file='jane.doe@example.com',line='42'*/", undefined],
    ["/*file='src%2Fjane@example.js',line='42'*/", undefined],
    ["/*file='uploads%2Fjane-passport.pdf',line='42'*/", undefined],
    ["/*file='src%2Forders.ts',line='42',function='4111 1111 1111 1111'*/", SITE],
    ["/*file='src%2Forders.ts',line='42',function='card4111111111111111'*/", SITE],
    ["/*file='@shop%2Forders.ts',line='42'*/", { ...SITE, file: '@shop/orders.ts' }],
    ['/* plain */', undefined],
  ])('is taken from the comment %s', (comment, expected) => {
    expect(toldBy({}, `SELECT name FROM users WHERE id = $1 ${comment}`)).toEqual(expected);
    expect(toldBy({}, `${comment} SELECT name FROM users WHERE id = $1`)).toEqual(expected);
  });

  it('is not taken where a stack shows one', () => {
    const app = new TracedApp();
    const request = app.request();
    const attributes = { 'code.file.path': 'src/orders.ts', 'code.line.number': 42 };
    for (let n = 0; n < 6; n++) app.query(request, 'SELECT name FROM users WHERE id = $1', 2, attributes);
    app.end(request);
    expect(app.record.findings[0]?.evidence.callSite?.file).toMatch(/^tests\/processors\//);
  });
});

describe('a query whose line cannot be told', () => {
  it('is counted all the same', () => {
    const app = new TracedApp({ callSites: new BlindCallSites() });
    const request = app.request();
    const cwd = process.cwd.bind(process);
    process.cwd = () => {
      throw new Error('ENOENT: the folder is gone');
    };
    try {
      for (let n = 0; n < 6; n++)
        app.query(request, 'SELECT name FROM users WHERE id = $1', 2, {
          'code.file.path': '/srv/shop/orders.ts',
          'code.line.number': 42,
        });
      app.end(request);
    } finally {
      process.cwd = cwd;
    }
    expect(app.record.queryCount).toBe(6);
    expect(app.record.findings[0]?.evidence.callSite).toEqual({ file: '/srv/shop/orders.ts', line: 42 });
  });
});

describe('calls that are no queries', () => {
  const call = (
    app: TracedApp,
    parent: ReturnType<TracedApp['request']>,
    name: string,
    attributes: Attributes,
    ms: number,
  ) => {
    const span = app.start(name, SpanKind.CLIENT, parent, attributes);
    app.clock.advance(ms);
    app.end(span);
  };
  const get = (n: number): Attributes => ({
    'http.request.method': 'GET',
    'url.full': `https://users.internal/users/${n}`,
  });
  const redis = (command: string): Attributes => ({ 'db.system.name': 'redis', 'db.query.text': command });

  it('have their line: HTTP', () => {
    const app = new TracedApp();
    const request = app.request();
    for (let n = 100; n < 112; n++) call(app, request, 'GET', get(n), 80);
    app.end(request);
    expect(app.record.findings).toMatchObject([{ kind: 'n-plus-one-http', evidence: { callSite: { file: FILE } } }]);
  });

  it('have their line: Redis', () => {
    const app = new TracedApp();
    const request = app.request();
    for (let n = 0; n < 12; n++) call(app, request, 'redis-GET', redis(`GET user:${n}`), 2);
    app.end(request);
    expect(app.record.findings).toMatchObject([{ kind: 'n-plus-one-kv', evidence: { callSite: { file: FILE } } }]);
  });

  it('take no stack in a pipeline', () => {
    const sites = new CallSites();
    const app = new TracedApp({ callSites: sites });
    const request = app.request();
    for (let n = 0; n < 12; n++)
      call(app, request, 'PIPELINE', { ...redis(`get user:${n}`), 'db.operation.name': 'PIPELINE get' }, 1);
    app.end(request);
    expect(sites.statistics.captured).toBe(0);
  });

  it('have it the second time where nothing repeats', () => {
    const app = new TracedApp();
    for (let round = 0; round < 2; round++) {
      const request = app.request();
      for (const path of ['a', 'b', 'c'])
        call(app, request, 'GET', { ...get(1), 'url.full': `https://users.internal/${path}` }, 1500);
      app.end(request);
    }
    const found = app.records.map(({ findings }) => findings.find(({ kind }) => kind === 'consecutive-http'));
    expect(found.map((finding) => finding?.evidence.callSite?.file)).toEqual([undefined, FILE]);
  });

  it('have it the second time that they hold a transaction', () => {
    const app = new TracedApp();
    for (let round = 0; round < 2; round++) {
      const request = app.request();
      app.query(request, 'BEGIN');
      call(app, request, 'GET', get(17), 120);
      app.query(request, 'COMMIT');
      app.end(request);
    }
    const found = app.records.map(({ findings }) => findings.find(({ kind }) => kind === 'transaction-held'));
    expect(found.map((finding) => finding?.evidence.callSite?.file)).toEqual([undefined, FILE]);
  });
});

const FILE = 'tests/processors/traced-app.ts';
