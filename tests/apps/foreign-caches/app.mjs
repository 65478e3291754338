/** Looks things up in bentocache, in lru-cache and in a cache of ours, each in ways that the tests name. */
import http from 'node:http';
import { trace } from '@opentelemetry/api';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { LRUCache } from 'lru-cache';
import { CacheManager } from '../../../dist/cache/index.js';

const memory = bentostore().useL1Layer(memoryDriver({ maxItems: 1000 }));
const bento = new BentoCache({ default: 'memory', stores: { memory, 'john@canary.example': memory } });
const lru = new LRUCache({
  max: 100,
  ttl: 60_000,
  fetchMethod: (key) => (key === 'job:none' ? Promise.reject(new Error('canary')) : load(key)),
});
const plain = new LRUCache({ max: 2 });
const own = new CacheManager({ name: 'own' });
const tracer = trace.getTracer('app');

/** What a value is computed by: a span of the application's, and some time. */
function load(value, ms = 20) {
  return tracer.startActiveSpan('load', async (span) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    span.end();
    return { value, secret: 'canary-in-value' };
  });
}

/** Opens when two requests have come: both then ask at once. */
const gate = { waiting: [] };
const twoAtOnce = () =>
  new Promise((resolve) => {
    gate.waiting.push(resolve);
    if (gate.waiting.length === 2) for (const open of gate.waiting.splice(0)) open();
  });
const orNothing = (promise) => promise.catch(() => undefined);

const routes = {
  '/bento/cold': () => bento.getOrSet({ key: 'user:canary-1', ttl: '60s', tags: ['team'], factory: () => load(1) }),
  '/bento/warm': () => bento.getOrSet({ key: 'user:canary-1', ttl: '60s', factory: () => load(1) }),
  '/bento/both': async () => {
    await twoAtOnce();
    await bento.getOrSet({ key: 'user:canary-2', ttl: '60s', factory: () => load(2) });
  },
  '/bento/get': async () => {
    await bento.get({ key: 'user:canary-1' });
    await bento.get({ key: 'user:canary-unknown' });
  },
  '/bento/failing': () =>
    orNothing(bento.getOrSet({ key: 'failing', factory: () => Promise.reject(new Error('canary')) })),
  '/bento/graced': async () => {
    const ask = () =>
      bento.getOrSet({ key: 'graced:canary', ttl: '1ms', grace: '1h', timeout: 0, factory: () => load(3) });
    await ask();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ask();
  },
  '/bento/invalidate': async () => {
    await bento.deleteByTag({ tags: ['team'] });
    await bento.delete({ key: 'user:canary-2' });
    await bento.use('john@canary.example').set({ key: 'jane@canary.example:settings', value: 1 });
  },
  '/bento/inside': () =>
    bento.getOrSet({
      key: 'inside:canary',
      factory: () => {
        plain.get('inside:canary');
        return 1;
      },
    }),
  '/lru/get': () => {
    plain.get('user:canary-1');
    plain.set('user:canary-1', { secret: 'canary' });
    plain.get('user:canary-1');
    plain.has('user:canary-1');
    plain.peek('user:canary-1');
    plain.get({ not: 'a string, canary' });
  },
  '/lru/fetch': async () => {
    await lru.fetch('report:canary');
    await lru.fetch('report:canary');
  },
  '/lru/both': async () => {
    await twoAtOnce();
    await lru.fetch('report:canary-2');
  },
  '/lru/failing': () => orNothing(lru.fetch('job:none')),
  '/own': async () => {
    await own.getOrCompute('user:canary', () => load(4));
    await own.getOrCompute('user:canary', () => load(4));
    await own.increment('limit:canary', { windowSeconds: 60 });
  },
  '/none': () => undefined,
};

const server = http.createServer(async (request, response) => {
  await routes[request.url]();
  response.end('done');
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
