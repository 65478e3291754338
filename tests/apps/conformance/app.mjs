// What conformance is judged by: every way in which a request can reach the spans, in Express or Fastify, with pg.
import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import { createRequire } from 'node:module';
import { propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import pg from 'pg';
import Cursor from 'pg-cursor';

const { FRAMEWORK = 'express5', DATABASE_URL, ECHO_URL } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 5 });
const tracer = trace.getTracer('application', '1.0');
const store = new AsyncLocalStorage();
const traceId = () => trace.getActiveSpan()?.spanContext().traceId;
const closed = [];

// Two applications of the suite start at the same time: the one that comes second is told so by the catalogue's own index.
await pool.query('CREATE TABLE IF NOT EXISTS users (id int PRIMARY KEY, name text)').catch((error) => {
  if (error.code !== '23505') throw error;
});
await pool.query("INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 100) n ON CONFLICT DO NOTHING");

const byCallback = (query, ...args) =>
  new Promise((resolve, reject) => query(...args, (error, result) => (error ? reject(error) : resolve(result))));
const withClient = async (use) => {
  const client = await pool.connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
};
const fetched = async (path) => (await fetch(ECHO_URL + path)).json();
const requested = (path) =>
  new Promise((resolve, reject) => {
    http
      .get(ECHO_URL + path, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () => resolve({ ...JSON.parse(body), inside: traceId() }));
      })
      .on('error', reject);
  });

/** By route; each returns what is answered as JSON. */
const handlers = {
  '/healthz': () => ({ ok: true }),
  '/users/:id': async ({ id }) => (await pool.query('SELECT id FROM users WHERE id = $1', [id])).rows,
  '/statements': () =>
    withClient(async (client) => {
      await client.query('BEGIN');
      await client.query({ text: 'SELECT 3 AS named', name: 'named-3' });
      await client.query({ text: 'SELECT 3 AS named', name: 'named-3' });
      await client.query({ text: 'SELECT $1::int AS config' }, [5]);
      await client.query('  select 1 as lower;');
      await client.query('SELECT 1;SELECT 2');
      await client.query('');
      await client.query('COMMIT');
      return {};
    }),
  '/rollback': () =>
    withClient(async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1/0').catch(() => undefined);
      await client.query('ROLLBACK');
      return {};
    }),
  '/sql-error': () =>
    pool.query('SELECT * FROM nowhere_at_all').then(
      () => ({}),
      ({ code }) => ({ code }),
    ),
  '/callback': async () => {
    const before = traceId();
    const seen = [];
    const run = pool.query.bind(pool);
    await byCallback(
      (text, done) =>
        run(text, (error, result) => {
          seen.push(traceId() === before, store.getStore());
          run(text, (inner) => {
            seen.push(traceId() === before, store.getStore());
            done(error ?? inner, result);
          });
        }),
      'SELECT 1 AS called_back',
    );
    const config = Object.freeze({ text: 'SELECT 2 AS in_config' });
    await withClient((client) => byCallback((query, done) => client.query(query, done), config));
    await withClient((client) =>
      byCallback((done) => client.query({ text: 'SELECT 3 AS own_callback', callback: done })),
    );
    return { seen };
  },
  '/submittable': () =>
    withClient(
      (client) =>
        new Promise((resolve, reject) => {
          const query = client.query(new pg.Query('SELECT 4 AS submitted'));
          query.on('end', () => resolve({}));
          query.on('error', reject);
        }),
    ),
  '/cursor': () =>
    withClient(async (client) => {
      const cursor = client.query(new Cursor('SELECT id FROM users ORDER BY id'));
      const rows = [...(await cursor.read(60)), ...(await cursor.read(60))];
      await cursor.close();
      return { rows: rows.length };
    }),
  '/bad-call': () =>
    withClient((client) =>
      Promise.resolve(client.query(undefined)).then(
        () => ({}),
        ({ name }) => ({ name }),
      ),
    ),
  '/nested': () =>
    tracer.startActiveSpan(
      'outer',
      { attributes: { one: 1, list: ['x', 'y'], half: 1.5, yes: true } },
      async (outer) => {
        const inner = await tracer.startActiveSpan('inner', async (span) => {
          await pool.query('SELECT 5 AS nested');
          span.addEvent('event', { key: 'value' });
          span.setStatus({ code: SpanStatusCode.ERROR, message: 'bad' });
          span.recordException(new TypeError('thrown'));
          span.end();
          return span.spanContext().spanId.length;
        });
        await pool.query('SELECT 6 AS beside');
        outer.end();
        await pool.query('SELECT 7 AS after');
        return { inner };
      },
    ),
  '/fetch': async () => ({ ...(await fetched('/fetched?x=1')), trace: traceId() }),
  '/get': async () => ({ ...(await requested('/got?y=2')), trace: traceId() }),
  '/baggage': async () => ({
    entry: propagation.getActiveBaggage()?.getEntry('key')?.value,
    state: trace.getActiveSpan()?.spanContext().traceState?.serialize(),
    sent: await fetched('/with-baggage'),
  }),
  '/floating': () =>
    new Promise((resolve) => {
      process.once('unhandledRejection', ({ code }) => resolve({ unhandled: code }));
      void pool.query('SELECT * FROM nowhere_floating');
    }),
  '/mix/:id': async ({ id }, url) => {
    const own = traceId();
    let same = true;
    const check = () => (same &&= traceId() === own && store.getStore() === url);
    for (let i = 0; i < 3; i++) await pool.query(`SELECT ${Number(id)} AS serial_${i}`).then(check);
    await Promise.all([1, 2].map((i) => pool.query(`SELECT ${Number(id)} AS parallel_${i}`).then(check)));
    await new Promise((resolve) => pool.query(`SELECT ${Number(id)} AS by_callback`, () => resolve(check())));
    return { id, own, same };
  },
  '/closed': () => closed,
};

async function expressApp(name) {
  const express = createRequire(
    new URL(`../${name === 'express4' ? 'express4' : 'conformance'}/package.json`, import.meta.url),
  )('express');
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());
  app.use((request, _response, next) => store.run(request.url, next));
  const answer = (handler) => (request, response, next) => {
    Promise.resolve(handler(request.params, request.url)).then((value) => response.json(value), next);
  };
  for (const [route, handler] of Object.entries(handlers)) if (route !== '/users/:id') app.get(route, answer(handler));

  const users = express.Router();
  users.get('/:id', answer(handlers['/users/:id']));
  users.get('/:id/fail', (_request, _response, next) => next(new Error('refused')));
  users.get('/:id/throw', () => {
    throw new TypeError('thrown');
  });
  users.get('/', (_request, response) => response.json([]));
  app.use('/users', users);
  const posts = express.Router({ mergeParams: true });
  posts.get('/:post', (request, response) => response.json(request.params));
  app.use('/u/:user/posts', posts);
  const items = express.Router().get('/items/:id', (request, response) => response.json(request.params));
  app.use('/api', express.Router().use('/v1', items));
  app.use('/files', (request, response, next) => (request.path === '/there' ? response.send('file') : next()));
  const admin = express();
  admin.get('/panel/:id', (request, response) => response.json(request.params));
  app.use('/admin', admin);
  app.get(['/list-a', '/list-b'], (_request, response) => response.json({}));
  app.get(/^\/reg(?:ex)?$/, (_request, response) => response.json({}));
  app
    .route('/chained')
    .get((_request, _response, next) => next('route'))
    .post((_request, response) => response.json({}));
  app.get('/chained', (_request, response) => response.json({ fallen: true }));
  app.all('/all/*rest'.replace(name === 'express4' ? 'rest' : '', ''), (_request, response) => response.json({}));
  app.post('/echo', async (request, response) => {
    const before = traceId();
    await pool.query('SELECT 42 AS echoed');
    response.json({ body: request.body, same: traceId() === before, store: store.getStore() });
  });
  app.post('/raw', (request, response) => {
    const seen = [];
    request.on('data', () => seen.push(traceId() !== undefined));
    request.on('end', () => response.json({ seen: seen.every(Boolean), end: traceId() !== undefined }));
  });
  app.get('/slow', (_request, response) => {
    const own = traceId();
    response.on('close', () => closed.push(traceId() === own));
    setTimeout(() => response.json({}), 300);
  });
  app.get('/stream', (_request, response) => {
    response.write('one');
    setTimeout(() => response.end('two'), 20);
  });
  app.get('/', (_request, response) => response.json({ root: true }));
  app.use((error, _request, response, _next) => response.status(503).json({ error: error.message }));
  return http.createServer(app);
}

async function fastifyApp() {
  const { default: fastify } = await import('fastify');
  const app = fastify();
  app.addHook('onRequest', (request, _reply, next) => store.run(request.raw.url, next));
  for (const [route, handler] of Object.entries(handlers))
    app.get(route, (request) => handler(request.params, request.raw.url));
  app.get('/throw', () => {
    throw new Error('thrown');
  });
  app.post('/echo', async (request) => {
    const before = traceId();
    await pool.query('SELECT 42 AS echoed');
    return { body: request.body, same: traceId() === before, store: store.getStore() };
  });
  app.register(
    (nested, _options, done) => {
      nested.get('/items/:id', (request) => request.params);
      done();
    },
    { prefix: '/api/v1' },
  );
  app.get('/slow', async (request) => {
    const own = traceId();
    request.raw.on('close', () => undefined);
    const { raw } = request;
    raw.socket.once('close', () => closed.push(own.length === 32));
    await new Promise((resolve) => setTimeout(resolve, 300));
    return {};
  });
  await app.ready();
  return app.server;
}

const server = FRAMEWORK === 'fastify' ? await fastifyApp() : await expressApp(FRAMEWORK);
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
