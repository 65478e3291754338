/** Sends one query in every way that the drivers know, `/<way>?same=…`: with one value five times, or with five values. */
import { randomUUID } from 'node:crypto';
import { createConnection as createLegacyConnection, createPool as createLegacyPool } from 'mysql';
import mysql from 'mysql2';
import support from '../../support/serve-routes.cjs';
import { pool as promises, prepare } from './database.mjs';

const { range, serveRoutes } = support;
const uri = process.env.DATABASE_URL;
const AUTHOR = 'SELECT name FROM authors WHERE id = ?';
const NAMED = 'SELECT name FROM authors WHERE id = :id';
const IN = 'SELECT name FROM authors WHERE id IN (?) ORDER BY id';
const WAITING = 'SELECT name, SLEEP(0.02) FROM authors WHERE id = ?';
const IMPORTS = 'INSERT INTO imports (batch, position, label) VALUES ?';
const UPDATE = 'UPDATE counters SET ? WHERE id = ?';

await prepare();
await promises.query(`CREATE TABLE IF NOT EXISTS wide (${range(12).map((n) => `c${n} int`)})`);
const narrow = mysql.createPool({ uri, connectionLimit: 2 });
const named = mysql.createPool({ uri, namedPlaceholders: true }).promise();
const connection = mysql.createConnection(uri);
const cluster = mysql.createPoolCluster();
cluster.add('one', { uri });
const legacyPool = createLegacyPool(uri);
const legacyConnection = createLegacyConnection(uri);

/** Calls `target[name](...args, callback)`. */
const asked = (target, name, ...args) =>
  new Promise((resolve, reject) => {
    target[name](...args, (error, rows) => (error ? reject(error) : resolve(rows)));
  });
/** The rows of a query to which one listens. */
const heard = (query) =>
  new Promise((resolve, reject) => {
    const all = [];
    query.on('error', reject).on('result', (row) => all.push(row));
    query.on('end', () => resolve(all));
  });
const first = async (result) => (await result)[0];
const inPoolConnection = async (id) => {
  const held = await promises.getConnection();
  try {
    return await first(held.execute(AUTHOR, [id]));
  } finally {
    held.release();
  }
};
const rows = () => {
  const batch = randomUUID();
  return range(12).map((position) => [batch, position, 'canary']);
};

const ways = {
  '/promise-query': (id) => first(promises.query(AUTHOR, [id])),
  '/promise-execute': (id) => first(promises.execute(AUTHOR, [id])),
  '/promise-options': (id) => first(promises.query({ sql: AUTHOR, values: [id] })),
  '/promise-options-and-values': (id) => first(promises.execute({ sql: AUTHOR }, [id])),
  '/promise-connection': inPoolConnection,
  '/callback-query': (id) => asked(narrow, 'query', AUTHOR, [id]),
  '/callback-execute': (id) => asked(narrow, 'execute', AUTHOR, [id]),
  '/callback-options': (id) => asked(narrow, 'query', { sql: AUTHOR, values: [id] }),
  '/callback-value': (id) => asked(narrow, 'query', AUTHOR, id),
  '/connection-query': (id) => asked(connection, 'query', AUTHOR, [id]),
  '/connection-execute': (id) => asked(connection, 'execute', AUTHOR, [id]),
  '/connection-options': (id) => asked(connection, 'execute', { sql: AUTHOR, values: [id] }),
  '/pool-events': (id) => heard(narrow.query(AUTHOR, [id])),
  '/connection-events': (id) => heard(connection.query({ sql: AUTHOR, values: [id] })),
  '/cluster': (id) => asked(cluster.of('*'), 'query', AUTHOR, [id]),
  '/named-query': (id) => first(named.query(NAMED, { id })),
  '/named-execute': (id) => first(named.execute(NAMED, { id })),
  '/named-list': (id) => first(named.query('SELECT name FROM authors WHERE id IN (:ids)', { ids: range(12 + id) })),
  '/list': (id) => first(promises.query(IN, [range(12 + id)])),
  '/short-list': (id) => first(promises.query(IN, [[id, 8]])),
  '/rows': async () => void (await promises.query(IMPORTS, [rows()])),
  '/one-row': async () => void (await promises.query('INSERT INTO wide VALUES (?)', [range(12)])),
  '/set': async (id) => void (await promises.query(UPDATE, [{ value: id }, id])),
  '/legacy-pool': (id) => asked(legacyPool, 'query', AUTHOR, [id]),
  '/legacy-connection': (id) => asked(legacyConnection, 'query', { sql: AUTHOR, values: [id] }),
  '/legacy-events': (id) => heard(legacyConnection.query(AUTHOR, [id])),
};

const routes = Object.fromEntries(
  Object.entries(ways).map(([path, ask]) => [
    path,
    async (id) => {
      const answers = [];
      // `?id=` over 100 stands for the same value each time.
      for (const round of range(5)) answers.push((await ask(id > 100 ? id - 100 : round)) ?? null);
      return answers;
    },
  ]),
);

void serveRoutes(() => promises.query('SELECT SLEEP(0.01)'), {
  ...routes,
  // Two connections for ten queries: most of them wait for one.
  '/waiting-same': () => Promise.all(range(10).map(() => asked(narrow, 'query', WAITING, [3]))),
  '/waiting-others': () => Promise.all(range(10).map((round) => asked(narrow, 'query', WAITING, [(round % 8) + 1]))),
  '/waiting-mixed': () =>
    Promise.all([
      ...range(6).map((round) => asked(narrow, 'execute', AUTHOR, [round])),
      ...range(5).map(() => asked(narrow, 'query', 'SELECT title FROM posts WHERE id = ?', [3])),
    ]),
  // What the driver throws into the caller reaches it, and what was asked then is not taken for what is asked next.
  '/throws': async () => {
    const thrown = [];
    for (const values of [[undefined], { id: 1 }, [() => 1]])
      try {
        connection.execute(AUTHOR, values, () => {});
      } catch (error) {
        thrown.push(error.message);
      }
    for (const _ of range(4)) await asked(connection, 'query', AUTHOR, [3]);
    return thrown;
  },
  '/shape': () =>
    [connection, narrow].flatMap(({ query, execute }) => [query.name, query.length, execute.name, execute.length]),
});
