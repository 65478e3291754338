import {
  context,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CacheManager } from '../../cache/index.ts';
import { attachRequest } from '../../request/request-on-span.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { closeRequest, openRequest } from '../analysis/query-event.ts';
import { collectGarbage, controlled, turns, type Controlled } from './settled.ts';

let clock: FakeClock;
let cache: CacheManager;
const exporter = new InMemorySpanExporter();

function follow(): Tracer {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  return provider.getTracer('test');
}

beforeEach(() => {
  clock = new FakeClock();
  cache = new CacheManager({ clock, spans: 'all' });
});
afterEach(async () => {
  context.disable();
  trace.disable();
  exporter.reset();
  await cache.dispose();
});

const names = (): string[] => exporter.getFinishedSpans().map(({ name }) => name);

describe('the time that a value is fresh', () => {
  it('is told to the request, below 0 for as long as it has been stale', async () => {
    const tracer = follow();
    const keep = { ttl: 1, staleSeconds: 60 };
    await cache.getOrCompute('key', () => 1, keep);
    const left: (number | undefined)[] = [];
    for (const ms of [400, 4600]) {
      clock.advance(ms);
      await tracer.startActiveSpan('request', async (span) => {
        const request = openRequest();
        attachRequest(span, request);
        await cache.getOrCompute('key', () => new Promise(() => {}), keep);
        left.push(request.cacheUse?.freshMsMin);
        span.end();
      });
    }
    expect(left).toEqual([600, -4000]);
  });
});

describe('spans', () => {
  it('are made of nothing outside of every span', async () => {
    follow();
    await cache.getOrCompute('key', () => 1);
    await cache.invalidateTag('tag');
    expect(names()).toEqual([]);
  });

  it('of a computation in the background are a trace of their own, with a link, and what it calls is in that', async () => {
    const tracer = follow();
    const keep = { ttl: 1, staleSeconds: 60 };
    await cache.getOrCompute('key', () => 1, keep);
    clock.advance(1000);
    await tracer.startActiveSpan('request', async (request) => {
      await cache.getOrCompute('key', () => tracer.startActiveSpan('query', (query) => query.end()), keep);
      request.end();
    });
    await turns();
    const [query, compute, , request] = ['query', 'cache.compute (unregistered)', '', 'request'].map((name) =>
      exporter.getFinishedSpans().find((span) => span.name === name),
    );
    expect(compute?.parentSpanContext).toBeUndefined();
    expect(compute?.spanContext().traceId).not.toBe(request?.spanContext().traceId);
    expect(compute?.links.map((link) => link.context.spanId)).toEqual([request?.spanContext().spanId]);
    expect(query?.parentSpanContext?.spanId).toBe(compute?.spanContext().spanId);
  });

  it('of a refresh without a span of its own leave what it calls outside of the request all the same', async () => {
    const tracer = follow();
    cache = new CacheManager({ clock, spans: 'none' });
    const keep = { ttl: 1, staleSeconds: 60 };
    await cache.getOrCompute('key', () => 1, keep);
    clock.advance(1000);
    const active: unknown[] = [];
    await tracer.startActiveSpan('request', () =>
      cache.getOrCompute('key', () => active.push(trace.getActiveSpan()), keep),
    );
    await turns();
    expect(active).toEqual([undefined]);
  });

  it('end, and tell no more of an error than its class, whatever the error is', async () => {
    const tracer = follow();
    class Hostile extends Error {
      override get name(): string {
        throw new Error('name');
      }
    }
    const unusual = [
      new Hostile('canary'),
      Object.assign(new Error('canary'), { name: 5 }),
      'canary',
      null,
      new TypeError('canary'),
    ];
    for (const thrown of unusual) {
      await tracer.startActiveSpan('request', async () => {
        await cache.getOrCompute('key', () => Promise.reject(thrown as Error)).catch(() => undefined);
      });
    }
    const ended = exporter.getFinishedSpans().filter(({ name }) => name.startsWith('cache.compute'));
    expect(ended.map(({ attributes }) => attributes['error.type'])).toEqual([
      undefined,
      '_OTHER',
      '_OTHER',
      '_OTHER',
      'TypeError',
    ]);
    expect(JSON.stringify(ended.map(({ attributes, status, events }) => [attributes, status, events]))).not.toMatch(
      /canary/,
    );
  });

  it('tell a time to live that a number of 64 bits can hold', async () => {
    await follow().startActiveSpan('request', () => cache.getOrCompute('key', () => 1, { ttl: 1e300 }));
    const compute = exporter.getFinishedSpans().find(({ name }) => name.startsWith('cache.compute'));
    expect(compute?.attributes['cache.ttl']).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('of look-ups name what was called', async () => {
    await follow().startActiveSpan('request', async () => {
      cache.get('key');
      await cache.getAsync('key');
      await cache.getOrCompute('key', () => 1);
      await cache.getOrCompute('key', () => 1);
    });
    expect(names()).toEqual([
      'cache.get (unregistered)',
      'cache.get (unregistered)',
      'cache.compute (unregistered)',
      'cache.get_or_compute (unregistered)',
      'cache.get_or_compute (unregistered)',
    ]);
  });
});

describe('OpenTelemetry that fails', () => {
  const fail = (): never => {
    throw new Error('telemetry');
  };
  const throwing = <Target extends object>(): Target =>
    new Proxy({} as Target, { get: (_, name) => (typeof name === 'symbol' ? undefined : fail) });
  /** Its spans are taken, and throw at every touch. */
  const brittle = { startSpan: () => throwing<Span>() } as unknown as Tracer;
  const managerOf = (parts: Partial<ContextManager>): ContextManager => ({
    active: () => trace.setSpan(ROOT_CONTEXT, throwing<Span>()),
    with: (_, work, self, ...args) => work.apply(self as never, args),
    bind: (_, target) => target,
    enable: throwing,
    disable: throwing,
    ...parts,
  });
  const withAfter: ContextManager['with'] = (_, work, self, ...args) => {
    work.apply(self as never, args);
    return fail();
  };
  const faults: readonly [string, ContextManager][] = [
    ['spans', managerOf({})],
    ['to know the context', managerOf({ active: fail })],
    ['to enter a context', managerOf({ with: fail })],
    ['to leave a context', managerOf({ with: withAfter })],
  ];

  it.each(faults)('(%s) changes no result, and computes once', async (_, manager) => {
    attachRequest({}, openRequest());
    context.setGlobalContextManager(manager);
    trace.setGlobalTracerProvider({ getTracer: () => brittle });
    let computed = 0;
    const compute = (): number => ++computed;
    const keep = { ttl: 1, staleSeconds: 60 };
    const asked = await Promise.all([1, 2, 3].map(() => cache.getOrCompute('key', compute, keep)));
    expect([asked, cache.get('key'), await cache.getAsync('key')]).toEqual([[1, 1, 1], 1, 1]);
    clock.advance(1000);
    expect(await cache.getOrCompute('key', compute, keep)).toBe(1);
    await turns();
    expect(await cache.getOrCompute('key', compute, keep)).toBe(2);
    const thrown = new Error('its own');
    for (const way of [
      () => Promise.reject(thrown),
      () => {
        throw thrown;
      },
    ])
      // prettier-ignore
      await expect(cache.getOrCompute('failing', way as () => never)).rejects.toBe(thrown);
    expect(await cache.invalidateTag('tag')).toBe(true);
    expect(cache.stats().computationsInFlight).toBe(0);
  });
});

describe('a computation that asks for its own key', () => {
  it('does not wait for itself, however deep it asks', async () => {
    follow();
    const inner = (): Promise<string> => cache.getOrCompute('key', () => 'inner');
    const between = (): Promise<string> => cache.getOrCompute('other', inner);
    expect(await cache.getOrCompute('key', between)).toBe('inner');
    expect(cache.stats()).toMatchObject({ misses: 3, coalesced: 0, computationsInFlight: 0 });
  });
});

describe('a computation that leaves work behind in its context', () => {
  it('is not remembered by that: a value that renews itself again and again takes no more memory each time', async () => {
    follow();
    const values: WeakRef<object>[] = [];
    // As a timer that the computation sets would: each in the context of the one before.
    let latest: Context = context.active();
    for (let count = 0; count < 30; count++) {
      await context.with(latest, async () => {
        cache.delete('key');
        await cache.getOrCompute('key', () => {
          const value = { count };
          values.push(new WeakRef(value));
          latest = context.active();
          return value;
        });
      });
    }
    await turns();
    collectGarbage();
    expect(latest).toBeDefined();
    expect(values.filter((value) => value.deref() !== undefined).length).toBeLessThan(5);
    expect(context.with(latest, () => cache.get('key'))).toEqual({ count: 29 });
  });
});

it('gives each look-up exactly one result, in the statistics and on the request, whatever becomes of it', async () => {
  const tracer = follow();
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        ask: fc.constantFrom('a', 'a', 'a', 'b'),
        with: fc.constantFrom('', 'signal', 'soft', 'soft', 'hard', 'bypass', 'errorTtl'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ finish: fc.nat(5), fails: fc.constantFrom(false, false, true) }) },
    { weight: 3, arbitrary: fc.record({ abort: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ advanceMs: fc.constantFrom(500, 1000, 5000) }) },
    { weight: 1, arbitrary: fc.record({ get: fc.constantFrom('a', 'b') }) },
    { weight: 1, arbitrary: fc.record({ invalidate: fc.constant('late') }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
      cache = new CacheManager({ clock, spans: 'none' });
      const request = openRequest();
      let lookups = 0;
      let bypassed = 0;
      const running: Controlled<unknown>[] = [];
      const controllers: AbortController[] = [];
      const pending: Promise<unknown>[] = [];
      await tracer.startActiveSpan('request', async (span) => {
        attachRequest(span, request);
        for (const current of steps) {
          if ('ask' in current) {
            const controller = new AbortController();
            if (current.with === 'signal' || current.with === 'soft') controllers.push(controller);
            if (current.with === 'bypass') bypassed++;
            else lookups++;
            const asked = cache.getOrCompute(
              current.ask,
              async (computation) => {
                const control = controlled();
                running.push(control);
                const value = await control.promise;
                computation.addTags('late');
                return value;
              },
              {
                ttl: 1,
                staleSeconds: 3,
                signal: controller.signal,
                bypass: current.with === 'bypass',
                ...(current.with === 'soft' && { softTimeoutMs: 1e6 }),
                ...(current.with === 'hard' && { hardTimeoutMs: 0 }),
                ...(current.with === 'errorTtl' && { errorTtl: 1 }),
              },
            );
            pending.push(asked.catch(() => undefined));
          } else if ('finish' in current) {
            const control = running.splice(current.finish % Math.max(1, running.length), 1)[0];
            if (current.fails) control?.reject(new Error('planted'));
            else control?.resolve(1);
          } else if ('abort' in current) controllers.splice(-1 - (current.abort % 2), 1)[0]?.abort();
          else if ('advanceMs' in current) clock.advance(current.advanceMs);
          else if ('get' in current) {
            lookups++;
            cache.get(current.get);
          } else void cache.invalidateTag(current.invalidate);
          await turns();
        }
        while (running.length > 0) {
          running.shift()?.resolve(1);
          await turns();
        }
        await Promise.all(pending);
      });
      const { hits, staleHits, misses, coalesced, errors, ...rest } = cache.stats();
      expect(hits + staleHits + misses + coalesced + errors).toBe(lookups);
      expect(rest).toMatchObject({ bypassed, computationsInFlight: 0 });
      expect(closeRequest(request).cache ?? { lookups: 0, bypassed: 0 }).toMatchObject({
        lookups,
        bypassed,
        ...(lookups + bypassed > 0 && { hits: hits + staleHits, staleHits, misses, coalesced, errors }),
      });
      cache.clear();
      expect(cache.stats().tagCount).toBe(0);
      await cache.dispose();
    }),
    { numRuns: 100 },
  );
});
