import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { MetricReader, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { FaultLog } from '../../core/fault-log.ts';
import type { MetricSender } from './otlp-metric-sender.ts';
import { SCOPE, type SourceProducer } from './source-producer.ts';
import { temporalityOf, type TemporalityPreference } from './temporality.ts';

/** What callbacks of the application's own metrics may take; those that take longer are left out of the collection. */
const COLLECT_MS_MAX = 1000;
/** The same at the end of the process, where two collections and their sending have 2 seconds. */
const LAST_COLLECT_MS_MAX = 300;

export interface MetricExportReaderOptions {
  readonly sender: MetricSender;
  readonly producer: SourceProducer;
  readonly temporality: TemporalityPreference;
  readonly intervalMs: number;
  /** For one collection and its export. */
  readonly timeoutMs: number;
  readonly faults: FaultLog;
  /** Told of each export: `undefined` when it arrived, else an error code or a status. */
  readonly onExport: (failure: string | undefined) => void;
}

/**
 * Collects every metric of the process, ours and the SDK's, and sends it: at an interval, and when the process ends. In place
 * of the SDK's periodic reader, whose timers keep a process alive while a collector does not answer.
 */
export class MetricExportReader extends MetricReader {
  readonly #options: MetricExportReaderOptions;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isStopped = false;
  /** The deadline of the last flush has passed. */
  #isLate = false;
  #hasSent = false;

  constructor(options: MetricExportReaderOptions) {
    super({
      aggregationTemporalitySelector: (type) => temporalityOf(options.temporality, type),
      metricProducers: [options.producer],
    });
    this.#options = options;
  }

  /** Collects and sends, without a deadline of its own and without keeping the process alive. Never rejects. */
  async drain(): Promise<void> {
    await this.#underWay;
    if (!this.#isLate) await this.#run(true);
    // The next collection has the counts of what went out as 0.
    if (!this.#isLate && this.#options.producer.isBehind) await this.#run(true);
  }

  /** `drain` with a deadline that keeps the process alive until then. */
  async flushWithin(deadlineMs: number): Promise<void> {
    const { sender } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, deadlineMs, 'late');
    });
    sender.setClosing?.(true);
    this.#isLate = false;
    const outcome = await Promise.race([this.drain(), deadline]);
    clearTimeout(timer);
    // Nothing more is begun.
    this.#isLate = outcome === 'late';
    if (outcome === 'late') sender.abort?.();
    sender.setClosing?.(false);
  }

  /** Ends at once, without a last collection. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#options.sender.abort?.();
  }

  protected override onInitialized(): void {
    this.#timer = setInterval(() => {
      if (this.#underWay === undefined) void this.#run(false);
    }, this.#options.intervalMs);
    this.#timer.unref();
  }

  protected override onForceFlush(): Promise<void> {
    return this.drain();
  }

  protected override onShutdown(): Promise<void> {
    // Whoever shuts down has flushed, with a deadline.
    this.stop();
    return Promise.resolve();
  }

  async #run(isLast: boolean): Promise<void> {
    if (this.#isStopped) return;
    const run = this.#export(isLast).catch((thrown: unknown) => this.#options.faults.caught('metrics export', thrown));
    this.#underWay = run;
    await run;
    if (this.#underWay === run) this.#underWay = undefined;
  }

  async #export(isLast: boolean): Promise<void> {
    // Neither the collection's callbacks nor the request that sends it may become spans.
    await context.with(suppressTracing(context.active()), async () => {
      const { sender, timeoutMs, onExport } = this.#options;
      // A callback of the application that never answers must not end all further collections.
      const collection = await within(
        timeoutMs,
        this.collect({ timeoutMillis: isLast ? LAST_COLLECT_MS_MAX : COLLECT_MS_MAX }),
      );
      if (collection === undefined) {
        onExport('collection timeout');
        return;
      }
      const { resource, scopeMetrics } = collection.resourceMetrics;
      if (resource.asyncAttributesPending === true)
        await within(timeoutMs, Promise.resolve(resource.waitForAsyncAttributes?.()));
      if (isLast && !this.#hasSent && !hasNews(scopeMetrics)) return;
      this.#hasSent = true;
      onExport(await sender.send(collection.resourceMetrics));
    });
  }
}

/** False for zeros alone: a program that has measured nothing waits for no collector when it ends. */
function hasNews(scopeMetrics: readonly ScopeMetrics[]): boolean {
  return scopeMetrics.some(
    ({ scope, metrics }) =>
      scope.name !== SCOPE.name || metrics.some(({ dataPoints }) => dataPoints.some(({ value }) => value !== 0)),
  );
}

/** `undefined` when the time is up; holds no timer that keeps the process alive. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
    timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
