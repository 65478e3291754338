import { EventEmitter } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context,
  createContextKey,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Link,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  TracerProvider,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DropCounters } from '../../../core/drop-counters.ts';
import { FaultLog } from '../../../core/fault-log.ts';
import { LeanContext, LEAN_ROOT_CONTEXT } from '../../../instrumentation/lean/lean-context.ts';
import { LeanContextManager } from '../../../instrumentation/lean/lean-context-manager.ts';
import { LeanSpan } from '../../../instrumentation/lean/lean-span.ts';
import { LeanSpanSerializer } from '../../../instrumentation/lean/lean-span-serializer.ts';
import { LeanTracerProvider } from '../../../instrumentation/lean/lean-tracer-provider.ts';
import { readSpanLimits } from '../../../instrumentation/lean/span-limits.ts';
import { SpanEncoder } from '../../../instrumentation/lean/span-encoder.ts';
import { decodeTracesRequest } from '../../support/otlp-traces-protobuf.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 17, 'host.tags': ['a', 'b'] });
const REMOTE: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState('vendor=1,other=2'),
};
const fromRemote = trace.setSpanContext(ROOT_CONTEXT, REMOTE);

class Collecting implements SpanProcessor {
  readonly ended: ReadableSpan[] = [];
  onStart(): void {
    // Only what has ended is looked at.
  }
  onEnd(span: ReadableSpan): void {
    this.ended.push(span);
  }
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

interface Sdk {
  readonly name: string;
  readonly tracer: Tracer;
  readonly spans: ReadableSpan[];
}

const drops = new DropCounters();
const faults = new FaultLog({ nowMs: () => 0 }, drops, () => undefined);

function lean(
  environment: Record<string, string> = {},
  processors: readonly SpanProcessor[] = [],
  sampler?: Sampler,
): Sdk {
  const collecting = new Collecting();
  const { limits } = readSpanLimits(environment);
  const provider = new LeanTracerProvider({
    resource,
    limits,
    sampler,
    processors: [...processors, collecting],
    faults,
  });
  return { name: 'lean', tracer: provider.getTracer('scope', '1.2.3'), spans: collecting.ended };
}

function official(environment: Record<string, string> = {}, sampler?: Sampler): Sdk {
  const collecting = new Collecting();
  const { limits } = readSpanLimits(environment);
  const provider = new TracerProvider({
    resource,
    spanLimits: limits,
    spanProcessors: [collecting],
    sampler: createAlwaysRecordSampler(sampler ?? new ParentBasedSampler({ root: new AlwaysOnSampler() })),
  });
  return { name: 'official', tracer: provider.getTracer('scope', '1.2.3'), spans: collecting.ended };
}

/** What a collector gets, from each SDK through its own encoder; ids of our own making and times of now masked. */
async function exported(sdk: Sdk): Promise<unknown> {
  const bytes =
    sdk.name === 'lean'
      ? await new LeanSpanSerializer().serializeRequest(sdk.spans)
      : ProtobufTraceSerializer.serializeRequest(sdk.spans);
  const text = JSON.stringify(decodeTracesRequest(Buffer.from(bytes ?? [])), (key, value: unknown) => {
    if (key === 'traceId' && value !== REMOTE.traceId) return '(new)';
    if (key === 'spanId' && value !== REMOTE.spanId) return '(new)';
    if (key === 'parentSpanId' && value !== REMOTE.spanId) return '(local)';
    if (key.endsWith('UnixNano') && String(value).length === 19 && !String(value).startsWith('17000')) return '(now)';
    // The SDK's encoder writes zeros that mean what is not there.
    if (value === 0 && (key.startsWith('dropped') || key === 'code')) return undefined;
    if (key === 'status' && typeof value === 'object' && Object.values(value ?? {}).every((part) => part === 0))
      return undefined;
    return value;
  });
  return JSON.parse(text);
}

function both(use: (tracer: Tracer) => void, environment: Record<string, string> = {}, sampler?: Sampler): Sdk[] {
  const sdks = [official(environment, sampler), lean(environment, [], sampler)];
  for (const sdk of sdks) use(sdk.tracer);
  return sdks;
}

async function expectSame(use: (tracer: Tracer) => void, environment = {}, sampler?: Sampler): Promise<void> {
  const [first, second] = both(use, environment, sampler);
  if (first === undefined || second === undefined) throw new Error('two SDKs are compared');
  expect(first.spans.length).toBeGreaterThan(0);
  expect(await exported(second)).toEqual(await exported(first));
}

beforeEach(() => {
  context.setGlobalContextManager(new LeanContextManager());
});
afterEach(() => {
  context.disable();
});

describe('a lean span arrives at a collector as one of the SDK does', () => {
  it('with attributes of every type', () =>
    expectSame((tracer) => {
      const attributes: Attributes = {
        text: 'ünï ✓ 😀',
        empty: '',
        long: 'x'.repeat(5000),
        whole: 42,
        negative: -7,
        large: 2 ** 52,
        beyond: 2 ** 60,
        least: -(2 ** 63),
        fraction: 1.5,
        notANumber: Number.NaN,
        zero: 0,
        minusZero: -0,
        yes: true,
        no: false,
        list: ['a', 'b'],
        mixed: [1, 'two', false],
        numbers: [1, 2.5],
        bytes: new Uint8Array([1, 2, 255]),
        nested: { a: 1, b: { c: ['d'] } },
        nothing: null,
        missing: undefined,
      };
      const span = tracer.startSpan('types', { attributes, kind: SpanKind.PRODUCER }, fromRemote);
      span.setAttribute('later', 'yes').setAttribute('text', 'changed').setAttributes({ more: 1, whole: 43 });
      span.setAttribute('', 'no key');
      span.setAttribute('bad', Symbol('no value') as never);
      span.end();
    }));

  it('with its parent, its trace state and its flags', () =>
    expectSame((tracer) => {
      const root = tracer.startSpan('root', { kind: SpanKind.SERVER }, fromRemote);
      const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root));
      child.end();
      tracer.startSpan('own root', { root: true }, trace.setSpan(ROOT_CONTEXT, root)).end();
      tracer.startSpan('unsampled', {}, trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceFlags: 0 })).end();
      tracer.startSpan('bad parent', {}, trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, spanId: '0' })).end();
      root.end();
    }));

  it('with events, exceptions, links and a status', () =>
    expectSame((tracer) => {
      const links: Link[] = [{ context: REMOTE, attributes: { why: 'batch', list: [1] } }, { context: REMOTE }];
      const span = tracer.startSpan('told', { links }, fromRemote);
      span.addEvent('at', { key: 'value', dropped: { not: 'simple' } as never }, [1_700_000_000, 123_456_789]);
      span.addEvent('when', [1_700_000_001, 5]);
      span.addEvent('now', undefined).addEvent('date', {}, new Date(1_700_000_002_000));
      span.addLink({ context: { ...REMOTE, isRemote: false, traceFlags: 0 } }).addLinks([{ context: REMOTE }]);
      span.recordException({ name: 'TypeError', message: 'broken', stack: 'TypeError: broken\n  at x' });
      span.recordException({ code: 17, message: 'coded' });
      span.recordException('a word');
      span.recordException({} as Error);
      span.setStatus({ code: SpanStatusCode.UNSET, message: 'ignored' });
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'first' }).setStatus({ code: SpanStatusCode.ERROR });
      span.updateName('renamed').end();
      const fine = tracer.startSpan('fine', {}, fromRemote);
      fine.setStatus({ code: SpanStatusCode.OK, message: 'left out' }).setStatus({ code: SpanStatusCode.ERROR });
      fine.end();
      const wrong = tracer.startSpan('wrong message', {}, fromRemote);
      wrong.setStatus({ code: SpanStatusCode.ERROR, message: 5 as never });
      wrong.end();
    }));

  it('with times that are given, to the nanosecond', async () => {
    const use = (tracer: Tracer): void => {
      tracer.startSpan('given', { startTime: [1_700_000_000, 123_456_789] }, fromRemote).end([1_700_000_003, 1]);
      tracer
        .startSpan('dates', { startTime: new Date(1_700_000_000_500) }, fromRemote)
        .end(new Date(1_700_000_000_750));
      tracer.startSpan('numbers', { startTime: 1_700_000_000_500 }, fromRemote).end(1_700_000_000_501);
      tracer.startSpan('backwards', { startTime: [1_700_000_005, 0] }, fromRemote).end([1_700_000_004, 0]);
    };
    await expectSame(use);
    const spans = both(use).map((sdk) =>
      sdk.spans.map(({ startTime, endTime, duration }) => [startTime, endTime, duration]),
    );
    expect(spans[1]).toEqual(spans[0]);
  });

  it('within the limits of the standard variables', () =>
    expectSame(
      (tracer) => {
        const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`key${index}`, 'x'.repeat(20)]));
        const span = tracer.startSpan(
          'limited',
          { attributes: many, links: [{ context: REMOTE, attributes: many }] },
          fromRemote,
        );
        span.setAttribute('key0', 'y'.repeat(20)).setAttribute('further', 1);
        for (let i = 0; i < 4; i++) span.addEvent(`event ${i}`, many).addLink({ context: REMOTE });
        span.end();
      },
      {
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '5',
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '7',
        OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
        OTEL_SPAN_LINK_COUNT_LIMIT: '3',
        OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '1',
        OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '2',
      },
    ));

  it('with the attributes, the trace state and the decision of a sampler', () => {
    const sampler: Sampler = {
      shouldSample: (_context, _traceId, name) => ({
        decision: name === 'kept' ? 2 : 0,
        attributes: { 'sampler.ratio': 0.5 },
        traceState: createTraceState('ot=th:8'),
      }),
      toString: () => 'of the test',
    };
    return expectSame(
      (tracer) => {
        tracer.startSpan('kept', { attributes: { own: 1 } }, fromRemote).end();
        const left = tracer.startSpan('left out', {}, fromRemote);
        expect(left.isRecording()).toBe(true);
        left.end();
      },
      {},
      sampler,
    );
  });

  it('whatever is written on it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string(),
          fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.array(fc.string())),
        ),
        fc.string(),
        async (attributes, name) => {
          await expectSame((tracer) => {
            const span = tracer.startSpan(name, { attributes }, fromRemote);
            span.addEvent(name, attributes);
            span.end();
          });
        },
      ),
      { numRuns: 60 },
    ));
});

describe('a lean span', () => {
  it('has times of the wall clock, and a duration of the monotonic one', () => {
    const { tracer, spans } = lean();
    const beforeMs = Date.now();
    const span = tracer.startSpan('now');
    const startedMs = performance.now();
    while (performance.now() - startedMs < 3);
    span.end();
    const [ended] = spans;
    const toMs = ([seconds, ns]: readonly [number, number] = [0, 0]): number => seconds * 1e3 + ns / 1e6;
    expect(toMs(ended?.startTime)).toBeGreaterThan(beforeMs - 5);
    expect(toMs(ended?.endTime)).toBeLessThan(Date.now() + 5);
    expect(toMs(ended?.duration)).toBeGreaterThanOrEqual(3);
    expect(toMs(ended?.endTime) - toMs(ended?.startTime)).toBeCloseTo(toMs(ended?.duration), 2);
  });

  it('ends once, and takes nothing after that', () => {
    const { tracer, spans } = lean();
    const span = tracer.startSpan('once', { attributes: { a: 1 } });
    span.end();
    const [ended] = spans;
    const duration = ended?.duration;
    span.end();
    span.setAttribute('b', 2).addEvent('late').updateName('late').setStatus({ code: SpanStatusCode.ERROR });
    expect(spans).toHaveLength(1);
    expect(ended).toMatchObject({ name: 'once', attributes: { a: 1 }, events: [], status: { code: 0 }, duration });
    expect(span.isRecording()).toBe(false);
  });

  it('can be changed by a processor while it ends, and no more after', () => {
    const seen: string[] = [];
    const processor: SpanProcessor = {
      onStart: (span) => seen.push(`start ${String(span.ended)} ${span.duration[0]}`),
      onEnding(span) {
        seen.push(`ending ${String(span.ended)} ${String(span.duration[0] >= 0)}`);
        span.setAttribute('ending', true);
      },
      onEnd(span) {
        seen.push(`end ${String(span.ended)}`);
        (span as LeanSpan).setAttribute('end', true);
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const { tracer, spans } = lean({}, [processor]);
    tracer.startSpan('watched').end();
    expect(seen).toEqual(['start false -1', 'ending false true', 'end true']);
    expect(spans[0]?.attributes).toEqual({ ending: true });
  });

  it('reaches every processor when one throws, and the application hears nothing of it', () => {
    const fault = (): never => {
      throw new Error('of a processor');
    };
    const throwing: SpanProcessor = {
      onStart: fault,
      onEnding: fault,
      onEnd: fault,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const before = drops.count('internal');
    const { tracer, spans } = lean({}, [throwing]);
    tracer.startSpan('guarded').end();
    expect(spans).toHaveLength(1);
    expect(drops.count('internal') - before).toBe(3);
  });

  it('is not made while tracing is suppressed', () => {
    const { tracer, spans } = lean();
    const span = tracer.startSpan('suppressed', {}, suppressTracing(ROOT_CONTEXT));
    span.end();
    expect(span.isRecording()).toBe(false);
    expect(spans).toEqual([]);
  });

  it('is measured and marked when the sampler leaves it out', () => {
    const { tracer, spans } = lean({}, [], new AlwaysOffSampler());
    tracer.startSpan('unsampled').end();
    expect(spans[0]?.spanContext().traceFlags).toBe(TraceFlags.NONE);
  });

  it('keeps no span that came before it', () => {
    const { tracer } = lean();
    const parent = tracer.startSpan('parent');
    const child = tracer.startSpan('child', {}, trace.setSpan(LEAN_ROOT_CONTEXT, parent)) as LeanSpan;
    expect(Object.values(child)).not.toContain(parent);
    expect(child.parentSpanContext).toBe(parent.spanContext());
  });

  it('copies what it is given', () => {
    const { tracer, spans } = lean();
    const attributes = { shared: 'constant', list: ['a'] };
    const span = tracer.startSpan('copy', { attributes });
    span.setAttribute('shared', 'changed');
    attributes.list.push('b');
    span.end();
    expect(attributes.shared).toBe('constant');
    expect(spans[0]?.attributes).toEqual({ shared: 'changed', list: ['a'] });
  });

  it('is active in the function of startActiveSpan, in all its forms', () => {
    const { tracer } = lean();
    const key = createContextKey('of the test');
    tracer.startActiveSpan('one', (span) => expect(trace.getActiveSpan()).toBe(span));
    tracer.startActiveSpan('two', { kind: SpanKind.CLIENT }, (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      expect((span as LeanSpan).kind).toBe(SpanKind.CLIENT);
    });
    const value = tracer.startActiveSpan('three', {}, ROOT_CONTEXT.setValue(key, 7), () =>
      context.active().getValue(key),
    );
    expect(value).toBe(7);
  });
});

describe('a batch of lean spans', () => {
  it('is encoded the same whether the values are new or known, and beyond what is kept', () => {
    const { tracer, spans } = lean();
    for (let i = 0; i < 1200; i++)
      tracer.startSpan(`span ${i % 3}`, { attributes: { same: 'x', other: i, text: `value ${i}` } }, fromRemote).end();
    const encoder = new SpanEncoder();
    const encode = (): Buffer => {
      const steps = encoder.encode(spans as LeanSpan[]);
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
      }
    };
    const first = encode();
    expect(encode().equals(first)).toBe(true);
    const request = decodeTracesRequest(first) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] };
    expect(request.resourceSpans[0]?.scopeSpans[0]?.spans).toHaveLength(1200);
    expect(request.resourceSpans[0]?.scopeSpans[0]?.spans[1100]).toMatchObject({
      attributes: [
        { key: 'same', value: { stringValue: 'x' } },
        { key: 'other', value: { intValue: 1100 } },
        { key: 'text', value: { stringValue: 'value 1100' } },
      ],
    });
  });

  it('gives the event loop a turn before 5 ms are over', async () => {
    const { tracer, spans } = lean();
    for (let i = 0; i < 4000; i++)
      tracer.startSpan('long', { attributes: { a: `value ${i}`.repeat(20), b: i, c: `other ${i}` } }, fromRemote).end();
    const serializer = new LeanSpanSerializer();
    let turns = 0;
    const count = (): void => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await Promise.all([
      serializer.serializeRequest(spans.slice(0, 2000)),
      serializer.serializeRequest(spans.slice(2000)),
    ]);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('a lean context', () => {
  it('holds what any context holds, and does not grow when a key is set again', () => {
    const keys = ['a', 'b', 'c'].map(createContextKey);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.option(fc.nat()))), (steps) => {
        let ours = LEAN_ROOT_CONTEXT;
        let theirs = ROOT_CONTEXT;
        for (const [index, value] of steps) {
          const key = keys[index] ?? Symbol('none');
          ours = value === null ? ours.deleteValue(key) : ours.setValue(key, value);
          theirs = value === null ? theirs.deleteValue(key) : theirs.setValue(key, value);
        }
        for (const key of keys) expect(ours.getValue(key)).toBe(theirs.getValue(key));
      }),
    );
    let looped = LEAN_ROOT_CONTEXT;
    for (let i = 0; i < 100; i++) looped = looped.setValue(keys[i % 3] ?? Symbol('none'), i);
    expect(JSON.stringify(Object.keys(looped))).toBe('["span"]');
    for (const key of keys) looped = looped.deleteValue(key);
    for (const key of keys) expect(looped.getValue(key)).toBeUndefined();
  });

  it('follows promises, timers and bound functions, and leaves the storages of the application alone', async () => {
    const application = new AsyncLocalStorage<string>();
    const key = createContextKey('of the test');
    const active = LEAN_ROOT_CONTEXT.setValue(key, 'inner');
    const boundFunction = context.bind(active, function named(this: unknown, _a: unknown, _b: unknown) {
      return [this, context.active().getValue(key), application.getStore()];
    });
    expect(boundFunction.length).toBe(2);
    const self = {};
    await application.run('store', async () => {
      await context.with(active, async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        expect([context.active().getValue(key), application.getStore()]).toEqual(['inner', 'store']);
        context.with(active, () => expect(context.active()).toBe(active));
      });
      expect(context.active().getValue(key)).toBeUndefined();
      expect(boundFunction.call(self, 1, 2)).toEqual([self, 'inner', 'store']);
    });
    expect(
      context.with(
        active,
        function (this: unknown, add: number) {
          return [this, add];
        },
        self,
        5,
      ),
    ).toEqual([self, 5]);
  });

  it('is that of the listeners of a bound emitter, whoever emits', () => {
    const key = createContextKey('of the test');
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const listener = (): void => void seen.push(context.active().getValue(key));
    emitter.on('event', listener);
    expect(context.bind(LEAN_ROOT_CONTEXT.setValue(key, 1), emitter)).toBe(emitter);
    context.bind(LEAN_ROOT_CONTEXT.setValue(key, 2), emitter);
    emitter.emit('event');
    emitter.removeListener('event', listener);
    expect(emitter.emit('event')).toBe(false);
    expect(seen).toEqual([1]);
  });

  it('can be attached, and taken off once', () => {
    const attached = new LeanContext();
    const token = context.attach(attached);
    expect(context.active()).toBe(attached);
    token.dispose();
    expect(context.active()).toBe(LEAN_ROOT_CONTEXT);
  });
});

it.each([
  [
    { OTEL_SPAN_EVENT_COUNT_LIMIT: 'many' },
    'OTEL_SPAN_EVENT_COUNT_LIMIT="many" is not a whole number from 0. Using 128 (the default).',
  ],
  [
    { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '-1' },
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT="-1" is not a whole number from 0. Using no limit (the default).',
  ],
])('says which limit cannot be used: %o', (environment, problem) => {
  expect(readSpanLimits(environment).problems).toEqual([problem]);
});
