import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { IExportTraceServiceResponse } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpTransport, SendOutcome } from './otlp-transport.ts';

const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 5000;

/** The part of the spans that the collector took; the rest it refused for good. */
export interface OtlpExportResult extends ExportResult {
  readonly rejectedCount?: number;
}

/** The SDK's serializers, and one that takes its time. */
export interface SpanSerializer {
  serializeRequest(spans: ReadableSpan[]): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  deserializeResponse(body: Uint8Array): IExportTraceServiceResponse;
}

export interface OtlpExporterOptions {
  readonly transport: OtlpTransport;
  readonly serializer: SpanSerializer;
  /** For one batch, retries included. */
  readonly timeoutMs: number;
}

/**
 * Sends batches over OTLP/HTTP with the SDK's own serializers. It retries within one deadline per batch and holds no
 * timer that keeps the process alive: the stock exporter does, for up to its whole timeout.
 */
export class OtlpExporter implements SpanExporter {
  readonly #options: OtlpExporterOptions;
  readonly #wakeUps = new Set<() => void>();
  #closing = false;

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.transport.url;
  }

  export(spans: ReadableSpan[], resultCallback: (result: OtlpExportResult) => void): void {
    this.#send(spans).then(resultCallback, (error: unknown) =>
      resultCallback({
        code: ExportResultCode.FAILED,
        error: error instanceof Error ? error : new Error('unknown error'),
      }),
    );
  }

  /**
   * While closing, a batch gets one more attempt and no further wait: nobody stands at an exit until a collector comes back.
   * `false` takes it back, for a process that found more work after its last flush.
   */
  setClosing(closing: boolean): void {
    this.#closing = closing;
    if (closing) for (const wakeUp of this.#wakeUps) wakeUp();
  }

  /** Gives up what is under way; its batches are reported as failed. */
  abort(): void {
    this.setClosing(true);
    this.#options.transport.abort('deadline');
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    this.abort();
    return Promise.resolve();
  }

  async #send(spans: ReadableSpan[]): Promise<OtlpExportResult> {
    const { serializer, transport, timeoutMs } = this.#options;
    const body = await serializer.serializeRequest(spans);
    if (body === undefined)
      return { code: ExportResultCode.FAILED, error: new Error('the batch could not be serialized') };
    const deadlineMs = performance.now() + timeoutMs;
    let backoffMs = BACKOFF_MS;
    for (;;) {
      const outcome = await transport.send(body, Math.max(1, deadlineMs - performance.now()));
      if (outcome.ok) return { code: ExportResultCode.SUCCESS, rejectedCount: this.#rejectedCount(outcome.body) };
      const waitMs = outcome.retryAfterMs ?? backoffMs;
      if (!outcome.retryable || this.#closing || performance.now() + waitMs >= deadlineMs) return failed(outcome);
      await this.#delay(waitMs);
      backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX);
    }
  }

  /** Waits without keeping the process alive; closing ends the wait. */
  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        this.#wakeUps.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(wakeUp, ms);
      timer.unref();
      this.#wakeUps.add(wakeUp);
    });
  }

  #rejectedCount(body: Uint8Array): number {
    try {
      if (body.byteLength === 0) return 0;
      return Number(this.#options.serializer.deserializeResponse(body).partialSuccess?.rejectedSpans ?? 0);
    } catch {
      // A collector that answers 200 with something else took the spans all the same.
      return 0;
    }
  }
}

function failed(outcome: SendOutcome): OtlpExportResult {
  return { code: ExportResultCode.FAILED, error: new Error(outcome.ok ? '' : outcome.reason) };
}
