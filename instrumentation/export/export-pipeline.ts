import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { DropCounters } from '../../core/drop-counters.ts';
import type { FaultLog } from '../../core/fault-log.ts';
import { isPgConnectSpan } from '../../processors/connect-span.ts';
import type { StandardSettings } from '../standard-settings.ts';
import type { StderrLog } from '../stderr-log.ts';
import { BatchExportProcessor } from './batch-export-processor.ts';
import { createExporter, type NamedExporter } from './create-exporter.ts';
import type { SpanSerializer } from './otlp-exporter.ts';

/** How long the end of a process may be held for spans that are still to be sent. */
export const FLUSH_DEADLINE_MS = 2000;
/** An application that still runs so long after its signal goes on for good, and its spans take the usual way again. */
const DRAIN_MS_MAX = 30_000;

/** The exporters that the settings name, each with its queue, and the one account of what they lost. */
export class ExportPipeline {
  readonly processors: readonly SpanProcessor[];
  readonly destination: string;
  readonly #queues: readonly BatchExportProcessor[];
  readonly #drops: DropCounters;
  readonly #log: StderrLog;
  #isEnding = false;
  #isDraining = false;

  constructor(
    standard: StandardSettings,
    ownExporter: SpanExporter | undefined,
    drops: DropCounters,
    faults: FaultLog,
    log: StderrLog,
    protobuf?: SpanSerializer,
  ) {
    this.#drops = drops;
    this.#log = log;
    const exporters: readonly NamedExporter[] =
      ownExporter === undefined
        ? standard.exporters.map((kind) => createExporter(kind, standard.protocol, protobuf))
        : [{ exporter: ownExporter, destination: 'the given exporter' }];
    this.destination =
      exporters.map(({ destination }) => destination).join(' and ') || 'nowhere (OTEL_TRACES_EXPORTER=none)';
    this.#queues = exporters.map(
      ({ exporter, destination }) =>
        new BatchExportProcessor({
          ...standard.batch,
          exporter,
          drops,
          faults,
          isNoise: isPgConnectSpan,
          onFailure: (reason) => this.#reportFailure(destination, reason),
        }),
    );
    this.processors = this.#queues;
  }

  /** Spans neither delivered nor dropped. */
  get pendingCount(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.pendingCount, 0);
  }

  /** Sends what is pending, for 2 seconds at the most. Never rejects. */
  async flush(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#queues.map((queue) => queue.flushWithin(FLUSH_DEADLINE_MS)));
    this.#isEnding = false;
  }

  /**
   * Sends what is pending, and what comes while that is under way, without waiting for full batches. Has no deadline, gives up
   * nothing and does not keep the process alive. Never rejects.
   */
  async drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const endMs = performance.now() + DRAIN_MS_MAX;
    await Promise.all(this.#queues.map((queue) => queue.forceFlush(() => performance.now() < endMs)));
    this.#isDraining = false;
  }

  /** The process ends: what is still pending is lost, and one line says what was, by reason. Synchronous. */
  finish(): void {
    for (const queue of this.#queues) queue.countPendingAsLost();
    const lost = this.#lostByReason();
    if (lost === '') return;
    this.#log.line(`spans lost: ${lost} (spans go to ${this.destination}). Requests were measured all the same.`);
  }

  /** Gives up everything without a word: the application's own SDK has taken over. */
  discard(): void {
    for (const queue of this.#queues) queue.discard();
  }

  #reportFailure(destination: string, reason: string): void {
    // At the end of the process one line gives the whole account.
    if (this.#isEnding) return;
    this.#log.limited(
      'export',
      `no spans reach ${destination} (${reason}); lost so far: ${this.#lostByReason()}. Start a collector there, ` +
        'set OTEL_EXPORTER_OTLP_ENDPOINT, or set OTEL_TRACES_EXPORTER=none. The application is not affected.',
    );
  }

  #lostByReason(): string {
    return (['queue_full', 'export_failed', 'shutdown_deadline', 'process_exit'] as const)
      .map((reason) => ({ reason, count: this.#drops.count(reason) }))
      .filter(({ count }) => count > 0)
      .map(({ reason, count }) => `${count} ${reason}`)
      .join(', ');
  }
}
