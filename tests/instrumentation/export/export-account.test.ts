import { ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClosableExporter } from '../../../instrumentation/export/batch-export-processor.ts';
import type { OtlpExportResult } from '../../../instrumentation/export/otlp-exporter.ts';
import { ExportStage, FAILED, OK, SCHEDULE_DELAY_MS, settle, sum, type Batch } from './export-stage.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('an export that fails', () => {
  it('counts its spans and tells why', async () => {
    const stage = new ExportStage();
    stage.source.end(10);
    await stage.answer(FAILED);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, export_failed: 10 });
    expect(stage.failures).toEqual([['ECONNREFUSED', 10]]);
  });

  it('in part counts that part', async () => {
    const stage = new ExportStage();
    stage.source.end(10);
    await stage.answer({ ...OK, rejectedCount: 3 });
    expect(stage.ledger).toEqual({ delivered: 7, pending: 0, export_failed: 3 });
    expect(stage.failures).toEqual([['rejected by the collector', 3]]);
  });

  it('by throwing counts its spans and is a fault', async () => {
    const stage = new ExportStage();
    stage.onExport = () => {
      throw new TypeError('no such method');
    };
    stage.source.end(10);
    await settle();
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, export_failed: 10 });
    expect(stage.drops.count('internal')).toBe(1);
    expect(stage.faultLines).toHaveLength(1);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an error without a message', { code: ExportResultCode.FAILED }],
  ])('and says %s counts its spans', async (_what, result) => {
    const stage = new ExportStage();
    stage.source.end(10);
    await stage.answer(result as OtlpExportResult);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, export_failed: 10 });
  });

  it('counts once when it answers twice', async () => {
    const stage = new ExportStage();
    stage.source.end(10);
    await settle();
    const [batch] = stage.waiting;
    batch?.answer(FAILED);
    batch?.answer(OK);
    await settle();
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, export_failed: 10 });
  });

  // The account is made, then telling of it throws, and the same batch is counted again.
  it('counts once when telling of it throws', async () => {
    const stage = new ExportStage();
    stage.failures.push = () => {
      throw new Error('EPIPE');
    };
    stage.source.end(10);
    await stage.answer(FAILED);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, export_failed: 10 });
  });

  it('does not keep the next batch from leaving', async () => {
    const stage = new ExportStage();
    stage.source.end(10);
    await stage.answer(FAILED);
    stage.source.end(10);
    await stage.answer(OK);
    expect(stage.ledger).toEqual({ delivered: 10, pending: 0, export_failed: 10 });
  });

  // The answer of a collector is not ours to trust: more rejected than sent, less than none, no number.
  it.each([11, -1, NaN])(
    'with %f of 10 spans rejected keeps the account balanced and sensible',
    async (rejectedCount) => {
      const stage = new ExportStage();
      stage.source.end(10);
      await stage.answer({ ...OK, rejectedCount });
      expect(sum(stage.ledger)).toBe(10);
      expect(stage.processor.deliveredCount).toBeGreaterThanOrEqual(0);
      expect(stage.processor.deliveredCount).toBeLessThanOrEqual(10);
    },
  );
});

describe('flushWithin', () => {
  it('ends with the last answer', async () => {
    const stage = new ExportStage();
    stage.source.end(3);
    let done = false;
    void stage.processor.flushWithin(2000).then(() => (done = true));
    await stage.answer(OK);
    expect(done).toBe(true);
    expect(stage.ledger).toEqual({ delivered: 3, pending: 0 });
    expect(stage.log).toEqual(['closing', 'open again']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends at the deadline: what has no answer is counted once, even if the answer comes later', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(11);
    const flushed = stage.processor.flushWithin(2000);
    await stage.answer(OK);
    await vi.advanceTimersByTimeAsync(1999);
    expect(stage.ledger).toEqual({ delivered: 2, pending: 9 });
    await vi.advanceTimersByTimeAsync(1);
    await flushed;
    const account = { delivered: 2, pending: 0, shutdown_deadline: 9 };
    expect(stage.ledger).toEqual(account);
    expect(stage.log).toEqual(['closing', 'abort', 'open again']);
    for (const late of [OK, FAILED, { ...OK, rejectedCount: 1 }]) await stage.answer(late);
    expect(stage.ledger).toEqual(account);
    expect(stage.failures).toEqual([]);
  });

  it('leaves the processor working: a process that found more work sends it', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(2);
    const flushed = stage.processor.flushWithin(100);
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    stage.source.end(2);
    await stage.answer(FAILED);
    await stage.answer(OK);
    expect(stage.ledger).toEqual({ delivered: 2, pending: 0, shutdown_deadline: 2 });
  });

  it('ends at the deadline for an exporter that can neither close nor abort', async () => {
    const plain = { setClosing: undefined, abort: undefined } as unknown as Partial<ClosableExporter>;
    const stage = new ExportStage({}, plain);
    stage.source.end(3);
    const flushed = stage.processor.flushWithin(100);
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, shutdown_deadline: 3 });
  });
});

describe('the end of the process', () => {
  it('counts what is pending as lost, once', async () => {
    const stage = new ExportStage({ batch: 2 });
    stage.source.end(5);
    stage.processor.countPendingAsLost();
    stage.processor.countPendingAsLost();
    const account = { delivered: 0, pending: 0, process_exit: 5 };
    expect(stage.ledger).toEqual(account);
    await stage.answer(OK);
    await stage.answer(FAILED);
    expect(stage.ledger).toEqual(account);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts a batch once that is refused after it was given up', async () => {
    const stage = new ExportStage({ batch: 2 });
    let found: (value: string) => void = () => undefined;
    const resource = resourceFromAttributes({ 'host.id': new Promise<string>((resolve) => (found = resolve)) });
    const tracer = new TracerProvider({ resource, spanProcessors: [stage.processor] }).getTracer('tests');
    for (let n = 0; n < 2; n++) tracer.startSpan('span').end();
    // The batch waits for its resource while the process ends, and then meets an exporter that throws.
    stage.processor.countPendingAsLost();
    stage.onExport = () => {
      throw new Error('refused');
    };
    found('17');
    await settle();
    expect(stage.exportedCount).toBe(2);
    expect(stage.ledger).toEqual({ delivered: 0, pending: 0, process_exit: 2 });
  });

  it('loses nothing when nothing is pending', () => {
    const stage = new ExportStage();
    stage.processor.countPendingAsLost();
    expect(stage.drops.toJson()).toEqual({});
  });
});

describe('the account of spans, whatever happens in whatever order', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('end' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constant('ok' as const) }),
    fc.record({ do: fc.constant('fail' as const) }),
    fc.record({ do: fc.constant('partly' as const) }),
    fc.record({ do: fc.constant('throw' as const) }),
    fc.record({ do: fc.constant('timer' as const) }),
    fc.record({ do: fc.constant('flush' as const) }),
    fc.record({ do: fc.constant('deadline' as const) }),
    fc.record({ do: fc.constant('exit' as const) }),
    fc.record({ do: fc.constant('shutdown' as const) }),
  );

  it('is balanced: ended = delivered + dropped + pending', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const stage = new ExportStage({ queue: 6, batch: 3 });
        let endedCount = 0;
        let isDown = false;
        /** Batches that were given up: their answers must not count. */
        const abandoned = new Set<Batch>();
        const answered = { delivered: 0, export_failed: 0 };
        const answerWith = (deliver: (size: number) => number, result: (size: number) => OtlpExportResult): void => {
          const batch = stage.waiting.shift();
          if (batch === undefined) return;
          batch.answer(result(batch.spans.length));
          if (abandoned.has(batch)) return;
          answered.delivered += deliver(batch.spans.length);
          answered.export_failed += batch.spans.length - deliver(batch.spans.length);
        };
        for (const { do: action, ...rest } of steps) {
          if (action === 'end') {
            const count = 'count' in rest ? rest.count : 0;
            stage.source.end(count);
            if (!isDown) endedCount += count;
          } else if (action === 'ok')
            answerWith(
              (size) => size,
              () => OK,
            );
          else if (action === 'fail')
            answerWith(
              () => 0,
              () => FAILED,
            );
          else if (action === 'partly')
            answerWith(
              (size) => size - 1,
              () => ({ ...OK, rejectedCount: 1 }),
            );
          else if (action === 'throw') {
            // The next batch that leaves is refused by a throw.
            stage.onExport = (spans) => {
              stage.onExport = undefined;
              answered.export_failed += spans.length;
              throw new Error('refused');
            };
          } else if (action === 'timer') await vi.advanceTimersByTimeAsync(SCHEDULE_DELAY_MS);
          else if (action === 'flush') void stage.processor.forceFlush();
          else if (action === 'deadline') {
            const flushed = stage.processor.flushWithin(100);
            await vi.advanceTimersByTimeAsync(100);
            await flushed;
            for (const batch of stage.waiting) abandoned.add(batch);
          } else if (action === 'exit') {
            await settle();
            stage.processor.countPendingAsLost();
            for (const batch of stage.waiting) abandoned.add(batch);
          } else void stage.processor.shutdown().then(() => (isDown = true));
          await settle();
          expect(sum(stage.ledger)).toBe(endedCount);
          expect(stage.ledger).toMatchObject({ delivered: answered.delivered });
          expect(stage.drops.count('export_failed')).toBe(answered.export_failed);
          expect(stage.processor.pendingCount).toBeLessThanOrEqual(6 + 4 * 3);
        }
        stage.onExport = undefined;
        const flushed = stage.processor.forceFlush();
        for (let n = 0; n < 40; n++) {
          answerWith(
            (size) => size,
            () => OK,
          );
          await settle();
        }
        await flushed;
        expect(stage.processor.pendingCount).toBe(0);
        expect(sum(stage.ledger)).toBe(endedCount);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
