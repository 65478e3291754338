import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExportStage, FAILED, OK, SCHEDULE_DELAY_MS, settle } from './export-stage.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('batches', () => {
  it('leave when they are full, without waiting', async () => {
    const stage = new ExportStage({ batch: 10 });
    stage.source.end(9);
    expect(stage.waiting).toHaveLength(0);
    stage.source.end(1);
    await settle();
    expect(stage.waiting.map(({ spans }) => spans.length)).toEqual([10]);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 10 });
    await stage.answer(OK);
    expect(stage.ledger).toEqual({ delivered: 10, pending: 0 });
  });

  it('leave after the delay when they are not full', async () => {
    const stage = new ExportStage();
    stage.source.end(1);
    await vi.advanceTimersByTimeAsync(SCHEDULE_DELAY_MS - 1);
    stage.source.end(2);
    expect(stage.waiting).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(stage.waiting.map(({ spans }) => spans.length)).toEqual([3]);
  });

  it('hold every span once, in the order of their ends', async () => {
    const stage = new ExportStage({ batch: 3 });
    for (let n = 0; n < 8; n++) stage.source.end(1, `span ${n}`);
    void stage.processor.forceFlush();
    await settle();
    expect(stage.waiting.map(({ spans }) => spans.map(({ name }) => name))).toEqual([
      ['span 0', 'span 1', 'span 2'],
      ['span 3', 'span 4', 'span 5'],
      ['span 6', 'span 7'],
    ]);
  });

  it('are four in flight at the most; the next one leaves when one is answered', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(11);
    await settle();
    expect(stage.waiting).toHaveLength(4);
    await stage.answer(OK);
    expect(stage.waiting).toHaveLength(4);
    expect(stage.exportedCount).toBe(10);
    await stage.answer(OK);
    expect(stage.exportedCount).toBe(10);
    await vi.advanceTimersByTimeAsync(SCHEDULE_DELAY_MS);
    expect(stage.exportedCount).toBe(11);
  });

  it('may be answered in any order', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(6);
    await settle();
    stage.waiting.reverse();
    await stage.answer(OK);
    await stage.answer(FAILED);
    await stage.answer(OK);
    expect(stage.ledger).toEqual({ delivered: 4, pending: 0, export_failed: 2 });
  });

  it('are exported without the exporter’s own request becoming a span', async () => {
    const stage = new ExportStage();
    let suppressed: boolean | undefined;
    // Without a context manager there is no active context to look at; one that only remembers stands in its place.
    let active = context.active();
    context.setGlobalContextManager({
      active: () => active,
      with(next, run, thisArg, ...args) {
        const before = active;
        active = next;
        try {
          return run.call(thisArg as ThisParameterType<typeof run>, ...args);
        } finally {
          active = before;
        }
      },
      bind: (_context, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
    stage.onExport = () => {
      suppressed = isTracingSuppressed(context.active());
    };
    try {
      stage.source.end(10);
      await settle();
    } finally {
      context.disable();
    }
    expect(suppressed).toBe(true);
  });

  it('wait for what the resource does not know yet', async () => {
    const stage = new ExportStage({ batch: 1 });
    let found: (value: string) => void = () => undefined;
    const resource = defaultResource().merge(
      resourceFromAttributes({ 'host.id': new Promise<string>((resolve) => (found = resolve)) }),
    );
    const provider = new TracerProvider({ resource, spanProcessors: [stage.processor] });
    provider.getTracer('tests').startSpan('span').end();
    await settle();
    expect(stage.waiting).toHaveLength(0);
    found('17');
    await settle();
    expect(stage.waiting).toHaveLength(1);
  });
});

describe('spans that are not exported', () => {
  it('are those that were not sampled, and noise: they are in no count', async () => {
    const stage = new ExportStage();
    stage.source.endUnsampled(50);
    stage.source.end(50, 'noise');
    stage.source.end(1);
    await settle();
    expect(stage.ledger).toEqual({ delivered: 0, pending: 1 });
  });

  it('are those beyond a full queue, each counted', async () => {
    const stage = new ExportStage({ queue: 4, batch: 2 });
    // Four batches of 2 are under way, 4 spans wait: the 13th finds no place.
    stage.source.end(12);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 12 });
    stage.source.end(3);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 12, queue_full: 3 });
    await stage.answer(OK);
    // Two of the waiting spans have left: there is room for 2.
    stage.source.end(3);
    expect(stage.ledger).toEqual({ delivered: 2, pending: 12, queue_full: 4 });
  });

  it('are counted exactly when 10 000 end in one tick', async () => {
    const stage = new ExportStage({ queue: 2048, batch: 512 });
    stage.source.end(10_000);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 4 * 512 + 2048, queue_full: 10_000 - 4 * 512 - 2048 });
    void stage.processor.forceFlush();
    for (let n = 0; n < 8; n++) await stage.answer(OK);
    expect(stage.ledger).toEqual({ delivered: 4096, pending: 0, queue_full: 5904 });
  });

  it('are one fault, and the application goes on, when a span cannot be read', () => {
    const stage = new ExportStage();
    const hostile = {
      spanContext() {
        throw new Error('refused');
      },
    } as unknown as ReadableSpan;
    expect(() => stage.processor.onEnd(hostile)).not.toThrow();
    expect(stage.drops.toJson()).toEqual({ internal: 1 });
  });
});

describe('forceFlush', () => {
  it('sends what waits and resolves when all is answered', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(11);
    let done = false;
    void stage.processor.forceFlush().then(() => (done = true));
    for (let n = 0; n < 6; n++) {
      expect(done).toBe(false);
      await stage.answer(n === 2 ? FAILED : OK);
    }
    expect(done).toBe(true);
    expect(stage.ledger).toEqual({ delivered: 9, pending: 0, export_failed: 2 });
  });

  it('resolves at once when there is nothing', async () => {
    const stage = new ExportStage();
    await stage.processor.forceFlush();
    expect(stage.exportedCount).toBe(0);
  });
});

describe('shutdown', () => {
  it('sends what waits, shuts the exporter down once, and takes no span afterwards', async () => {
    const stage = new ExportStage();
    stage.source.end(3);
    const down = stage.processor.shutdown();
    await stage.answer(OK);
    await down;
    await stage.processor.shutdown();
    stage.source.end(40);
    await settle();
    expect(stage.ledger).toEqual({ delivered: 3, pending: 0 });
    expect(stage.log).toEqual(['shutdown']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('discard', () => {
  it('gives everything up without a word, and takes no span afterwards', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(5);
    stage.processor.discard();
    stage.source.end(5);
    await stage.answer(FAILED);
    await stage.answer(OK);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0 });
    expect(stage.failures).toEqual([]);
    expect(stage.log).toEqual(['abort']);
    expect(stage.exportedCount).toBe(4);
    expect(vi.getTimerCount()).toBe(0);
  });
});
