import { context, TraceFlags } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { DropCounters } from '../../core/drop-counters.ts';
import type { FaultLog } from '../../core/fault-log.ts';
import type { OtlpExportResult } from './otlp-exporter.ts';

/** Batches under way at the same time: a distant collector is then not limited to one batch per round trip. */
const MAX_BATCHES_IN_FLIGHT = 4;

/** The exporter, and the two things that ours can do beyond the SDK's interface. */
export interface ClosableExporter extends SpanExporter {
  setClosing?(closing: boolean): void;
  abort?(): void;
}

/** The names and defaults of OTEL_BSP_*. */
export interface BatchSettings {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduleDelayMs: number;
}

export interface BatchExportOptions extends BatchSettings {
  readonly exporter: ClosableExporter;
  readonly drops: DropCounters;
  readonly faults: FaultLog;
  /** Spans that are recorded for what they tell and not worth exporting. */
  readonly isNoise: (span: ReadableSpan) => boolean;
  /** Called for each failed batch, with an error code or a status. */
  readonly onFailure: (reason: string, spanCount: number) => void;
}

/**
 * Collects ended spans into batches and hands them to the exporter. In place of the SDK's BatchSpanProcessor because it
 * accounts for every span (ended = delivered + dropped by reason + pending) and never keeps the process alive by itself:
 * the SDK's holds a timer of 30 s during each export.
 */
export class BatchExportProcessor implements SpanProcessor {
  readonly #options: BatchExportOptions;
  #queue: ReadableSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  #pendingCount = 0;
  #deliveredCount = 0;
  /** Grows when pending spans are given up, so that an answer that comes later is not counted a second time. */
  #generation = 0;
  #isShutDown = false;

  constructor(options: BatchExportOptions) {
    this.#options = options;
  }

  /** Spans that have neither been delivered nor counted as dropped. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  get deliveredCount(): number {
    return this.#deliveredCount;
  }

  onStart(): void {
    // Nothing is known of a span when it starts that its end would not tell.
  }

  onEnd(span: ReadableSpan): void {
    try {
      if (this.#isShutDown || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
      if (this.#options.isNoise(span)) return;
      this.#add(span);
    } catch (thrown) {
      this.#options.faults.caught('export onEnd', thrown);
    }
  }

  /**
   * Sends all that is queued; resolves when every batch was answered or given up. Never rejects. What is queued meanwhile is
   * sent too, for as long as `isWanted`: under steady traffic the queue may never be found empty.
   */
  async forceFlush(isWanted: () => boolean = () => true): Promise<void> {
    while ((this.#queue.length > 0 || this.#inFlight.size > 0) && isWanted()) {
      this.#send(true);
      await Promise.all(this.#inFlight);
    }
  }

  /**
   * `forceFlush` with a deadline that keeps the process alive until then; what was not answered is counted
   * as `shutdown_deadline`.
   */
  async flushWithin(deadlineMs: number): Promise<void> {
    const { exporter } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    exporter.setClosing?.(true);
    await Promise.race([this.forceFlush(), deadline]);
    clearTimeout(timer);
    this.#abandon();
    exporter.setClosing?.(false);
  }

  /** The process ends now and cannot wait: what is pending is counted as lost. Synchronous. */
  countPendingAsLost(): void {
    this.#options.drops.add('process_exit', this.#pendingCount);
    this.#giveUp();
  }

  async shutdown(): Promise<void> {
    if (this.#isShutDown) return;
    await this.forceFlush();
    this.#isShutDown = true;
    this.#clearTimer();
    await this.#options.exporter.shutdown();
  }

  /** Drops everything at once and takes no further span: another SDK has taken over. */
  discard(): void {
    this.#isShutDown = true;
    this.#giveUp();
    this.#options.exporter.abort?.();
  }

  #add(span: ReadableSpan): void {
    if (this.#queue.length >= this.#options.maxQueueSize) {
      this.#options.drops.add('queue_full');
      return;
    }
    this.#queue.push(span);
    this.#pendingCount++;
    if (this.#queue.length >= this.#options.maxExportBatchSize) this.#send(false);
    else this.#startTimer();
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send(true);
    }, this.#options.scheduleDelayMs);
    this.#timer.unref();
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Starts batches while there are spans for them and places in flight. `partial`: a batch that is not full goes too. */
  #send(partial: boolean): void {
    const { maxExportBatchSize } = this.#options;
    while (this.#inFlight.size < MAX_BATCHES_IN_FLIGHT && this.#queue.length > 0) {
      if (!partial && this.#queue.length < maxExportBatchSize) break;
      const whole = this.#queue.length <= maxExportBatchSize;
      const batch = whole ? this.#queue : this.#queue.splice(0, maxExportBatchSize);
      if (whole) this.#queue = [];
      const sent: Promise<void> = this.#export(batch).then(() => {
        this.#inFlight.delete(sent);
        if (this.#queue.length > 0 && !this.#isShutDown) this.#continue();
      });
      this.#inFlight.add(sent);
    }
    if (this.#queue.length === 0) this.#clearTimer();
    else this.#startTimer();
  }

  #continue(): void {
    if (this.#queue.length >= this.#options.maxExportBatchSize) this.#send(false);
    else this.#startTimer();
  }

  async #export(batch: ReadableSpan[]): Promise<void> {
    const generation = this.#generation;
    try {
      const resource = batch[0]?.resource;
      if (resource?.asyncAttributesPending === true) await resource.waitForAsyncAttributes?.();
      const result = await this.#callExporter(batch);
      if (generation !== this.#generation) return;
      const failedCount = result.code === ExportResultCode.SUCCESS ? rejectedOf(result, batch.length) : batch.length;
      this.#settle(batch.length, failedCount);
      if (failedCount > 0) this.#tell(result.error?.message ?? 'rejected by the collector', failedCount);
    } catch (thrown) {
      if (generation === this.#generation) this.#settle(batch.length, batch.length);
      this.#options.faults.caught('export', thrown);
    }
  }

  #settle(spanCount: number, failedCount: number): void {
    this.#pendingCount -= spanCount;
    this.#deliveredCount += spanCount - failedCount;
    this.#options.drops.add('export_failed', failedCount);
  }

  /** Apart from the account: whoever is told may throw, and the spans are counted already. */
  #tell(reason: string, spanCount: number): void {
    try {
      this.#options.onFailure(reason, spanCount);
    } catch (thrown) {
      this.#options.faults.caught('export failure', thrown);
    }
  }

  #callExporter(batch: ReadableSpan[]): Promise<OtlpExportResult> {
    return new Promise((resolve, reject) => {
      // The exporter's own request must not become a span.
      context.with(suppressTracing(context.active()), () => {
        try {
          this.#options.exporter.export(batch, resolve);
        } catch (thrown) {
          reject(thrown instanceof Error ? thrown : new Error('the exporter threw'));
        }
      });
    });
  }

  /** The deadline has passed: what is still pending is lost, and what is under way is ended without being counted again. */
  #abandon(): void {
    if (this.#pendingCount === 0) return;
    this.#options.drops.add('shutdown_deadline', this.#pendingCount);
    this.#giveUp();
    this.#options.exporter.abort?.();
  }

  #giveUp(): void {
    this.#clearTimer();
    this.#generation++;
    this.#pendingCount = 0;
    this.#queue = [];
  }
}

/** A collector's answer is not ours to trust: it cannot have refused more than it was sent. */
function rejectedOf(result: OtlpExportResult, spanCount: number): number {
  const rejected = result.rejectedCount ?? 0;
  return rejected > 0 ? Math.min(Math.floor(rejected), spanCount) : 0;
}
