import type { ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { DropCounters } from '../../core/drop-counters.ts';
import type { FaultLog } from '../../core/fault-log.ts';
import { MetricStore } from '../../monitor/metric-store.ts';
import type { MetricSource } from '../../monitor/metric-store-series.ts';
import type { RequestMetrics } from '../../processors/request-metrics.ts';
import { FLUSH_DEADLINE_MS } from '../export/export-pipeline.ts';
import type { StderrLog } from '../stderr-log.ts';
import { createMetricSender } from './create-metric-sender.ts';
import { DroppedSpans } from './dropped-spans.ts';
import { MetricExportReader } from './metric-export-reader.ts';
import type { MetricSettings } from './metric-settings.ts';
import { replacedViews, withoutReplacedInstruments } from './replaced-instruments.ts';
import { SourceProducer } from './source-producer.ts';
import { SpanMetrics } from './span-metrics.ts';
import { yieldMeterProvider } from './yield-meter-provider.ts';

export interface MetricPipelineOptions {
  readonly settings: MetricSettings;
  /** What has metrics beside requests, queries and dropped spans: a cache. */
  readonly sources?: readonly MetricSource[];
  readonly drops: DropCounters;
  readonly faults: FaultLog;
  readonly log: StderrLog;
}

/**
 * The metrics of this process and their way out. With OTEL_METRICS_EXPORTER=none it counts nothing, has no readers, and the
 * instruments of others lead nowhere.
 */
export class MetricPipeline {
  readonly readers: readonly MetricExportReader[];
  /** For the SDK's meter provider. */
  readonly views: readonly ViewOptions[] = replacedViews;
  /** Counts requests and queries; `undefined` when nothing is exported. */
  readonly requestMetrics: RequestMetrics | undefined;
  readonly #store = new MetricStore({ unixNowMs: Date.now });
  readonly #log: StderrLog;
  #isEnding = false;
  /** Of the store, when the end of the process was flushed last. */
  #flushedCount = -1;

  constructor({ settings, sources = [], drops, faults, log }: MetricPipelineOptions) {
    this.#log = log;
    const startUnixMs = Date.now();
    const all = [this.#store, new DroppedSpans(drops), ...sources];
    this.readers = settings.exporters.map((kind) => {
      const { sender, destination } = createMetricSender(kind, settings.protocol);
      const { intervalMs, timeoutMs, temporality } = settings;
      const producer = new SourceProducer({ sources: all, temporality, startUnixMs, unixNowMs: Date.now });
      const onExport = this.#reporter(destination);
      return new MetricExportReader({ sender, producer, temporality, intervalMs, timeoutMs, faults, onExport });
    });
    this.requestMetrics = this.readers.length === 0 ? undefined : new SpanMetrics(this.#store, faults);
  }

  /** Before the SDK starts: what it would give the instrumentations is filtered. */
  prepare(instrumentations: readonly Instrumentation[]): void {
    if (this.readers.length > 0) withoutReplacedInstruments(instrumentations);
  }

  /** When the SDK has been started and the API's registry is watched. */
  install(): void {
    if (this.readers.length > 0) yieldMeterProvider();
  }

  /** True while the end of the process has something to send: once, and again after further requests. */
  get isPending(): boolean {
    return this.readers.length > 0 && this.#flushedCount !== this.#store.measuredCount;
  }

  /** Collects and sends for the last time, for 2 seconds at the most. Never rejects. */
  async flush(): Promise<void> {
    this.#isEnding = true;
    this.#flushedCount = this.#store.measuredCount;
    await Promise.all(this.readers.map((reader) => reader.flushWithin(FLUSH_DEADLINE_MS)));
    this.#isEnding = false;
  }

  /** Collects and sends without holding the process. Never rejects. */
  async drain(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.drain()));
  }

  /** Ends at once: the application's own SDK has taken over. */
  discard(): void {
    for (const reader of this.readers) reader.stop();
  }

  /** Says once that metrics do not arrive, and again only after some did. */
  #reporter(destination: string): (failure: string | undefined) => void {
    let isFailing = false;
    return (failure) => {
      const isNew = failure !== undefined && !isFailing;
      // At the end of the process nobody can start a collector for it any more.
      if (this.#isEnding) return;
      isFailing = failure !== undefined;
      if (!isNew) return;
      this.#log.line(
        `no metrics reach ${destination} (${failure}). Start a collector that takes metrics there, set ` +
          'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, or set OTEL_METRICS_EXPORTER=none. The application is not affected.',
      );
    };
  }
}
