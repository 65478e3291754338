import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { DropCounters } from '../../../core/drop-counters.ts';
import { FaultLog } from '../../../core/fault-log.ts';
import { BatchExportProcessor, type ClosableExporter } from '../../../instrumentation/export/batch-export-processor.ts';
import type { OtlpExportResult } from '../../../instrumentation/export/otlp-exporter.ts';
import { FakeClock } from '../../../testing/index.ts';
import { SpanSource } from './ended-spans.ts';

/** Of the stage's processor. */
export const SCHEDULE_DELAY_MS = 5000;
/** The collector took the batch. */
export const OK: OtlpExportResult = { code: ExportResultCode.SUCCESS };
/** The collector did not take the batch. */
export const FAILED: OtlpExportResult = { code: ExportResultCode.FAILED, error: new Error('ECONNREFUSED') };

/** Lets every promise that can go on go on; timers stand still. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A batch that the exporter was given. */
export interface Batch {
  readonly spans: readonly ReadableSpan[];
  answer(result: OtlpExportResult): void;
}

/** A collector whose answers the test gives, and the processor in front of it. */
export class ExportStage {
  readonly drops = new DropCounters();
  readonly failures: [string, number][] = [];
  /** Batches that wait for an answer. */
  readonly waiting: Batch[] = [];
  readonly log: string[] = [];
  readonly faultLines: string[] = [];
  readonly processor: BatchExportProcessor;
  readonly source: SpanSource;
  /** Runs in place of taking a batch. */
  onExport: ((spans: readonly ReadableSpan[]) => void) | undefined;
  exportedCount = 0;

  constructor(sizes: { readonly queue?: number; readonly batch?: number } = {}, more: Partial<ClosableExporter> = {}) {
    const exporter: ClosableExporter = {
      export: (spans, answer) => {
        this.exportedCount += spans.length;
        this.onExport?.(spans);
        this.waiting.push({ spans, answer });
      },
      setClosing: (closing) => void this.log.push(closing ? 'closing' : 'open again'),
      abort: () => void this.log.push('abort'),
      shutdown: () => {
        this.log.push('shutdown');
        return Promise.resolve();
      },
      ...more,
    };
    this.processor = new BatchExportProcessor({
      exporter,
      drops: this.drops,
      faults: new FaultLog(new FakeClock(), this.drops, (line) => void this.faultLines.push(line)),
      maxQueueSize: sizes.queue ?? 100,
      maxExportBatchSize: sizes.batch ?? 10,
      scheduleDelayMs: SCHEDULE_DELAY_MS,
      isNoise: (span) => span.name === 'noise',
      onFailure: (reason, spanCount) => void this.failures.push([reason, spanCount]),
    });
    this.source = new SpanSource(this.processor);
  }

  /** Answers the oldest batch that waits. */
  async answer(result: OtlpExportResult): Promise<void> {
    await settle();
    const batch = this.waiting.shift();
    if (batch === undefined) throw new Error('no batch waits for an answer');
    batch.answer(result);
    await settle();
  }

  /** Ended spans that are accounted for. */
  get ledger(): { delivered: number; pending: number; [reason: string]: number } {
    const { internal: _faults, ...lost } = this.drops.toJson();
    return { delivered: this.processor.deliveredCount, pending: this.processor.pendingCount, ...lost };
  }
}

/** All spans of a ledger. */
export const sum = (ledger: Readonly<Record<string, number>>): number =>
  Object.values(ledger).reduce((total, count) => total + count, 0);
