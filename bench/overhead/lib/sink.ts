import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nextMessage } from './next-message.ts';
import { SEND_EVERY_MS } from './variants.ts';

/** Since the sink was started. Bytes as they came over the wire, headers of HTTP left out. */
export interface SinkTotals {
  readonly spans: number;
  readonly traceBytes: number;
  readonly traceRequests: number;
  /** Of metrics and whatever else tools send. */
  readonly otherBytes: number;
  /** What could not be read; empty, or the figures mean nothing. */
  readonly faults: readonly string[];
  /** Milliseconds since something arrived. */
  readonly quietMs: number;
}

/** Longer than a tool waits before it sends, with some for the sending itself. */
const QUIET_MS = SEND_EVERY_MS + 150;
const LOOK_EVERY_MS = 30;
const SETTLE_MS_MAX = 15_000;

/** Where all tools send to: OTLP over HTTP in protobuf, and Datadog's trace intake, on one port. It counts the spans. */
export class Sink {
  readonly #process: ChildProcess;
  /** `http://127.0.0.1:port`. */
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#process = child;
    this.url = url;
  }

  static async start(): Promise<Sink> {
    const child = fork(fileURLToPath(new URL('sink-process.ts', import.meta.url)));
    const { port } = await nextMessage<{ port: number }>(child);
    return new Sink(child, `http://127.0.0.1:${port}`);
  }

  async totals(): Promise<SinkTotals> {
    const answer = nextMessage<SinkTotals>(this.#process);
    this.#process.send('totals');
    const totals = await answer;
    if (totals.faults.length > 0)
      throw new Error(`The sink cannot read what it is sent:\n  ${totals.faults.join('\n  ')}`);
    return totals;
  }

  /** Waits until nothing has come for longer than any tool holds its spans back. Every variant waits so long, `none` too. */
  async settled(): Promise<SinkTotals> {
    const startMs = performance.now();
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const totals = await this.totals();
      const waitedMs = performance.now() - startMs;
      if (Math.min(waitedMs, totals.quietMs) >= QUIET_MS) return totals;
      if (waitedMs > SETTLE_MS_MAX)
        throw new Error(`Spans still arrive ${SETTLE_MS_MAX / 1000} s after the last request.`);
    }
  }

  stop(): void {
    this.#process.disconnect();
  }
}
