import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { setParametersHash, setRowCount } from '../../processors/query-hints.ts';
import { TracedApp } from './traced-app.ts';

const USERS = 'SELECT * FROM users WHERE id = $1';

describe('a database span', () => {
  it('of an ORM around its driver’s counts once, as the driver’s', () => {
    const app = new TracedApp();
    const root = app.request();
    const orm = app.startQuery(root, 'SELECT users.* FROM users', { 'db.system.name': 'postgresql' });
    app.query(orm, USERS, 2);
    app.clock.advance(1);
    app.end(orm);
    app.end(root);
    expect(app.record).toMatchObject({ queryCount: 1, queryTotalMs: 2, groups: [{ text: USERS }] });
  });

  it('of an ORM counts itself where only a connect is below it', () => {
    const app = new TracedApp();
    const root = app.request();
    const orm = app.startQuery(root, USERS);
    app.end(app.start('pg-pool.connect', SpanKind.CLIENT, orm, { 'db.system.name': 'postgresql' }));
    app.end(orm);
    app.end(root);
    expect(app.record.queryCount).toBe(1);
  });

  // The driver's span is told from a connect by its name, which has the name of the database in it.
  it('of an ORM counts once for a database that is called "connect"', () => {
    const app = new TracedApp();
    const root = app.request();
    const orm = app.startQuery(root, USERS);
    app.end(
      app.start('pg.query:SELECT connect', SpanKind.CLIENT, orm, {
        'db.system.name': 'postgresql',
        'db.query.text': USERS,
      }),
    );
    app.end(orm);
    app.end(root);
    expect(app.record.queryCount).toBe(1);
  });

  it('without a text is no query: connects and waits for the pool', () => {
    const app = new TracedApp();
    const root = app.request();
    for (const name of ['pg.connect', 'pg-pool.connect', 'tcp.connect']) {
      app.end(app.start(name, SpanKind.CLIENT, root, { 'db.system.name': 'postgresql' }));
    }
    app.end(app.start('pg.connect', SpanKind.CLIENT, undefined, { 'db.system.name': 'postgresql' }));
    app.end(root);
    expect(app.record).toMatchObject({ queryCount: 0, groups: [] });
    expect(app).toMatchObject({ lateQueries: 0, orphanQueries: 0 });
  });

  it('of a transaction’s control is no query, its BEGIN a transaction', () => {
    const app = new TracedApp();
    const root = app.request();
    for (const text of [
      'BEGIN',
      'SAVEPOINT a',
      'INSERT INTO t (a) VALUES ($1)',
      'COMMIT',
      'START TRANSACTION',
      'ROLLBACK',
    ])
      app.query(root, text);
    app.end(root);
    expect(app.record).toMatchObject({ queryCount: 1, transactionCount: 2 });
    expect(app.exportedOf(root).attributes['slowpath.transaction.count']).toBe(2);
  });

  it('is read by the older names too', () => {
    const app = new TracedApp();
    const root = app.request();
    const old = { 'db.system': 'mysql', 'db.statement': 'SELECT a FROM t WHERE b = "jane"' };
    const span = app.start('mysql', SpanKind.CLIENT, root, old);
    app.clock.advance(4);
    app.end(span);
    app.end(root);
    expect(app.record).toMatchObject({
      queryCount: 1,
      queryTotalMs: 4,
      groups: [{ system: 'mysql', text: 'SELECT a FROM t WHERE b = ?' }],
    });
    expect(app.exportedOf(span).attributes['db.statement']).toBe('SELECT a FROM t WHERE b = ?');
  });

  it('has its database, its failure, its rows and its parameters in the record', () => {
    const app = new TracedApp();
    const root = app.request();
    const failed = app.startQuery(root, USERS, { 'db.namespace': 'shop', 'db.response.returned_rows': 3 });
    failed.setStatus({ code: SpanStatusCode.ERROR });
    setParametersHash(failed, 17);
    app.end(failed);
    const hinted = app.startQuery(root, USERS, { 'db.namespace': 'shop', 'db.response.returned_rows': 3 });
    setRowCount(hinted, 4);
    app.end(hinted);
    app.query(root, 'SELECT * FROM items WHERE id = 5');
    app.end(root);
    expect(app.record.groups).toMatchObject([
      {
        namespace: 'shop',
        count: 2,
        errorCount: 1,
        rowCount: 7,
        rowCountKnown: 2,
        parameterSets: [{ hash: 17, count: 1 }],
        parametersUnknownCount: 1,
      },
      { namespace: '', count: 1, rowCountKnown: 0, parameterSets: [{ count: 1 }], parametersUnknownCount: 0 },
    ]);
  });

  it('of MongoDB is a query of its operation and collection', () => {
    const app = new TracedApp();
    const root = app.request();
    for (const operation of ['find', 'find', 'insert']) {
      const attributes = { 'db.system.name': 'mongodb', 'db.operation.name': operation, 'db.collection.name': 'users' };
      app.end(app.start('mongodb', SpanKind.CLIENT, root, attributes));
    }
    app.end(root);
    expect(app.record.groups.map(({ summary, kind, count }) => [summary, kind, count])).toEqual([
      ['find users', 'read', 2],
      ['insert users', 'write', 1],
    ]);
  });

  it('of MongoDB that keeps the session or the server going is no query', () => {
    const app = new TracedApp();
    const root = app.request();
    const run = (operation: string) => {
      const attributes = { 'db.system.name': 'mongodb', 'db.operation.name': operation, 'db.collection.name': 'users' };
      app.end(app.start('mongodb', SpanKind.CLIENT, root, attributes));
    };
    const commands = ['commitTransaction', 'abortTransaction', 'createIndexes', 'ping', 'endSessions', 'hello'];
    for (const command of [...commands, 'isMaster', 'listCollections', 'killCursors']) run(command);
    run('getMore');
    app.end(root);
    expect(app.record).toMatchObject({
      queryCount: 1,
      groups: [{ text: 'getMore users', summary: 'getMore users', kind: 'read' }],
    });
  });

  it('of MongoDB that commits leaves the transaction of another database open', () => {
    const app = new TracedApp();
    const root = app.request();
    app.query(root, 'BEGIN');
    const attributes = { 'db.system.name': 'mongodb', 'db.operation.name': 'commitTransaction' };
    app.end(app.start('mongodb', SpanKind.CLIENT, root, attributes));
    app.query(root, USERS, 40);
    app.end(root);
    expect(app.record.longQueries.map(({ inTransaction }) => inTransaction)).toEqual([true]);
  });

  it('of MongoDB that inserts may be for many documents', () => {
    const app = new TracedApp();
    const root = app.request();
    for (const operation of ['insert', 'insertMany', 'bulkWrite', 'insertOne', 'update', 'delete', 'find']) {
      const attributes = { 'db.system.name': 'mongodb', 'db.operation.name': operation, 'db.collection.name': 'users' };
      app.end(app.start('mongodb', SpanKind.CLIENT, root, attributes));
    }
    app.end(root);
    expect(app.record.groups.filter(({ takesList }) => takesList).map(({ summary }) => summary)).toEqual([
      'insert users',
      'insertMany users',
      'bulkWrite users',
    ]);
  });

  it('of Redis is no query', () => {
    const app = new TracedApp();
    const root = app.request();
    app.query(root, 'get session:17', 1, { 'db.system.name': 'redis' });
    app.query(undefined, 'get session:17', 1, { 'db.system.name': 'redis' });
    app.end(root);
    expect(app.record.queryCount).toBe(0);
    expect(app.orphanQueries).toBe(0);
  });

  it('that an ORM’s cache answered is no query, and is redacted all the same', () => {
    const app = new TracedApp();
    const root = app.request();
    const cached = app.query(root, "SELECT * FROM users WHERE name = 'canary'", 1, { 'cache.hit': true });
    app.query(root, USERS, 1, { 'cache.hit': false });
    app.end(root);
    expect(app.record).toMatchObject({ queryCount: 1, groups: [{ text: USERS, count: 1 }] });
    expect(app.exportedOf(cached).attributes['db.query.text']).toBe('SELECT * FROM users WHERE name = ?');
  });

  it('of memcached leaves its key behind, unless a setting says otherwise', () => {
    const keyOf = (app: TracedApp): unknown => {
      const root = app.request();
      const attributes = { 'db.system.name': 'memcached', 'db.memcached.key': 'session:canary' };
      const span = app.start('memcached get', SpanKind.CLIENT, root, attributes);
      app.end(span);
      app.end(root);
      return app.exportedOf(span).attributes['db.memcached.key'];
    };
    expect(keyOf(new TracedApp())).toBe('REDACTED');
    expect(keyOf(new TracedApp({ unredacted: ['redis-keys'] }))).toBe('session:canary');
  });

  it('that runs over HTTP is a query, and its HTTP call none of another service', () => {
    const app = new TracedApp();
    const root = app.request();
    const url = { 'http.request.method': 'POST', 'url.full': 'http://search.internal:9200/users/_search' };
    for (const parent of [root, undefined]) {
      const attributes = { 'db.system.name': 'elasticsearch', 'db.operation.name': 'search' };
      const search = parent ?? app.start('search', SpanKind.CLIENT, root, attributes);
      app.end(app.start('POST', SpanKind.CLIENT, search, url));
      if (search !== root) app.end(search);
    }
    app.end(root);
    expect(app.record.calls).toMatchObject([{ count: 1 }]);
    expect(app.record.queryCount).toBe(1);
  });

  it('of a BEGIN that failed opens no transaction', () => {
    const app = new TracedApp();
    const root = app.request();
    const begin = app.startQuery(root, 'BEGIN');
    begin.setStatus({ code: SpanStatusCode.ERROR });
    app.end(begin);
    app.query(root, 'BEGIN; UPDATE users SET a = 1 WHERE id = $1', 40);
    app.query(root, USERS, 40);
    app.query(root, 'COMMIT');
    app.query(root, 'SELECT * FROM orders', 40);
    app.end(root);
    expect(app.record.transactionCount).toBe(1);
    expect(app.record.longQueries.map(({ inTransaction }) => inTransaction)).toEqual([false, true, false]);
  });

  it('is marked as slow on itself from the threshold on', () => {
    const app = new TracedApp({ thresholds: { 'slow-query': { minMs: 50 } } });
    const root = app.request();
    const [fast, slow] = [app.query(root, USERS, 49), app.query(root, USERS, 50)];
    app.end(root);
    expect(app.exportedOf(fast).attributes).not.toHaveProperty('slowpath.slow');
    expect(app.exportedOf(slow).attributes['slowpath.slow']).toBe(true);
    expect(app.record).toMatchObject({ slowQueryMinMs: 50, findings: [{ kind: 'slow-query' }] });
  });
});
