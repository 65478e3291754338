import type { IExportMetricsServiceResponse, ISerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { OtlpTransport } from '../export/otlp-transport.ts';

const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 5000;

/** Sends one collection. `send` resolves to the reason why it failed, an error code or a status; it never rejects. */
export interface MetricSender {
  send(metrics: ResourceMetrics): Promise<string | undefined>;
  /** While closing there is one attempt and no wait. */
  setClosing?(closing: boolean): void;
  /** Gives up what is under way. */
  abort?(): void;
}

export interface OtlpMetricSenderOptions {
  readonly transport: OtlpTransport;
  readonly serializer: ISerializer<ResourceMetrics, IExportMetricsServiceResponse>;
  /** For one collection, retries included. */
  readonly timeoutMs: number;
}

/** Sends collections over OTLP/HTTP with the SDK's serializers. Retries within one deadline; holds nothing that keeps the process alive. */
export class OtlpMetricSender implements MetricSender {
  readonly #options: OtlpMetricSenderOptions;
  readonly #wakeUps = new Set<() => void>();
  #closing = false;

  constructor(options: OtlpMetricSenderOptions) {
    this.#options = options;
  }

  async send(metrics: ResourceMetrics): Promise<string | undefined> {
    const { serializer, transport, timeoutMs } = this.#options;
    const body = serializer.serializeRequest(metrics);
    if (body === undefined) return 'the collection could not be serialized';
    const deadlineMs = performance.now() + timeoutMs;
    for (let backoffMs = BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX)) {
      const outcome = await transport.send(body, Math.max(1, deadlineMs - performance.now()));
      if (outcome.ok) return this.#rejectionIn(outcome.body);
      const waitMs = outcome.retryAfterMs ?? backoffMs;
      if (!outcome.retryable || this.#closing || performance.now() + waitMs >= deadlineMs) return outcome.reason;
      await this.#delay(waitMs);
    }
  }

  setClosing(closing: boolean): void {
    this.#closing = closing;
    if (closing) for (const wakeUp of this.#wakeUps) wakeUp();
  }

  abort(): void {
    this.setClosing(true);
    this.#options.transport.abort('deadline');
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

  #rejectionIn(body: Uint8Array): string | undefined {
    try {
      if (body.byteLength === 0) return undefined;
      const rejected = Number(this.#options.serializer.deserializeResponse(body).partialSuccess?.rejectedDataPoints);
      return rejected > 0 ? `${rejected} data points rejected` : undefined;
    } catch {
      // A collector that answers 200 with something else took the metrics all the same.
      return undefined;
    }
  }
}
