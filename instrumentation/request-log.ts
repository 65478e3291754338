import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Clock } from '../core/clock.ts';
import type { DropCounters } from '../core/drop-counters.ts';
import type { FaultLog } from '../core/fault-log.ts';
import type { RequestLogOnly } from '../core/settings.ts';
import type { AnalyzedRequest } from '../core/types.ts';
import { RequestLogBuffer } from './request-log-buffer.ts';
import { isNotable, requestLogLine } from './request-log-line.ts';
import { codeOf, type RequestLogTarget } from './request-log-target.ts';
import type { StderrLog } from './stderr-log.ts';

/** Bytes of lines that may wait, those under way included; further lines are dropped and counted. */
export const MAX_BUFFER_BYTES = 1_048_576;
/** How long a line waits for company. */
export const MAX_WAIT_MS = 1000;
/** A target that is full is asked again after this, then after twice as long, up to `MAX_WAIT_MS`. */
const FIRST_PAUSE_MS = 10;
/** How long the end of the process is held for a flush; a write that takes longer is one that may never end. */
export const FLUSH_MS_MAX = 250;
/** How long the end of the process may be stopped to write what is left. */
const FINISH_MS_MAX = 50;
const FINISH_PAUSE_MS = 5;

export interface RequestLogOptions {
  readonly target: RequestLogTarget;
  readonly only: RequestLogOnly;
  /** From how many milliseconds on a request that its client gave up is notable. */
  readonly slowRequestMinMs: number;
  readonly drops: DropCounters;
  readonly faults: FaultLog;
  readonly log: StderrLog;
  readonly clock: Clock;
  /** The wall clock. */
  readonly nowUnixMs?: () => number;
}

/**
 * Writes one line of JSON per request. Lines are collected for 64 KiB or one second and written one piece at a time, without
 * blocking and without keeping the process alive. Every line is written, or counted as `request_log_full` or `request_log_failed`.
 */
export class RequestLog {
  readonly #options: RequestLogOptions;
  readonly #buffer = new RequestLogBuffer(MAX_BUFFER_BYTES);
  readonly #nowUnixMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** Pieces are being written, or wait for a target that is full. */
  #sending: Promise<void> | undefined;
  /** When the write under way began. */
  #writingSinceMs: number | undefined;
  #isFinished = false;
  #lostCount = 0;

  constructor(options: RequestLogOptions) {
    this.#options = options;
    this.#nowUnixMs = options.nowUnixMs ?? Date.now;
  }

  /** Takes a finished request. Never throws. */
  add(request: AnalyzedRequest): void {
    try {
      const { only, slowRequestMinMs } = this.#options;
      if (only === 'notable' && !isNotable(request, slowRequestMinMs)) return;
      if (this.#isFinished) this.#lose('request_log_failed', 1);
      else if (!this.#buffer.add(requestLogLine(request, this.#nowUnixMs()))) this.#tellFull();
      else if (this.#buffer.isPieceReady) this.#send();
      else this.#startTimer();
    } catch (thrown) {
      this.#options.faults.caught('request log', thrown);
    }
  }

  /** Writes what is there, for 250 ms at the most, and holds the process for it. Never rejects. */
  async flush(): Promise<void> {
    this.#stopTimer();
    this.#buffer.seal();
    this.#send();
    if (this.#sending === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS_MAX);
    });
    await Promise.race([this.#sending, deadline]);
    clearTimeout(timer);
  }

  /** The process ends: writes what is left, within 50 ms, and says what was lost. Synchronous; a second call does nothing. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#stopTimer();
    this.#buffer.seal();
    try {
      this.#writeRest();
    } catch (thrown) {
      this.#tellFailed(thrown);
    }
    this.#lose('request_log_failed', this.#buffer.dropAll());
    this.#options.target.close();
    if (this.#lostCount > 0) this.#options.log.line(`${this.#lostLines()}. Requests were measured all the same.`);
  }

  #writeRest(): void {
    const { target, clock } = this.#options;
    const nowMs = clock.nowMs();
    const isStuck = this.#writingSinceMs !== undefined && nowMs - this.#writingSinceMs >= FLUSH_MS_MAX;
    // One more write to a disk that does not answer would stop the process for good.
    if (isStuck) return;
    if (this.#writingSinceMs !== undefined) {
      const count = target.callOff();
      this.#buffer.take(count);
      // A signal that ends the process ends the thread that writes, too: it gets the time that a disk needs.
      if (count > 0) stop(FINISH_PAUSE_MS);
    }
    const deadlineMs = nowMs + FINISH_MS_MAX;
    for (let piece = this.#buffer.front(); piece !== undefined; piece = this.#buffer.front()) {
      const count = target.writeNow(piece);
      this.#buffer.take(count);
      if (clock.nowMs() >= deadlineMs) return;
      if (count === 0) stop(FINISH_PAUSE_MS);
    }
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    // The request that happens to start it must not be the context of the write, nor be kept by it.
    context.with(ROOT_CONTEXT, () => {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#buffer.seal();
        this.#send();
      }, MAX_WAIT_MS).unref();
    });
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #send(): void {
    if (this.#sending !== undefined || !this.#buffer.isPieceReady) return;
    // The writes must not become spans.
    this.#sending = context.with(suppressTracing(ROOT_CONTEXT), async () => {
      try {
        await this.#sendPieces();
      } catch (thrown) {
        this.#options.faults.caught('request log', thrown);
      }
      this.#sending = undefined;
      if (this.#buffer.bytes > 0) this.#startTimer();
    });
  }

  async #sendPieces(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let piece = this.#buffer.front(); piece !== undefined; piece = this.#buffer.front()) {
      const count = await this.#write(piece);
      if (count > 0) pauseMs = FIRST_PAUSE_MS;
      if (count !== 0) continue;
      await pause(pauseMs);
      pauseMs = Math.min(2 * pauseMs, MAX_WAIT_MS);
    }
  }

  /** How many bytes were taken; -1 when the piece was refused and dropped. */
  async #write(piece: Uint8Array): Promise<number> {
    this.#writingSinceMs = this.#options.clock.nowMs();
    try {
      const count = await this.#options.target.write(piece);
      this.#buffer.take(count);
      return count;
    } catch (thrown) {
      this.#lose('request_log_failed', this.#buffer.dropFront());
      this.#tellFailed(thrown);
      return -1;
    } finally {
      this.#writingSinceMs = undefined;
    }
  }

  #lose(reason: 'request_log_full' | 'request_log_failed', count: number): void {
    this.#lostCount += count;
    this.#options.drops.add(reason, count);
  }

  #tellFull(): void {
    const { log, target } = this.#options;
    this.#lose('request_log_full', 1);
    log.limited('request log full', `${target.name} does not keep up with the request log. ${this.#lostLines()}.`);
  }

  #tellFailed(thrown: unknown): void {
    const { log, target } = this.#options;
    const code = codeOf(thrown);
    log.limited(
      `request log ${code}`,
      `the request log cannot be written to ${target.name} (${code}); its lines are dropped meanwhile. ` +
        'SLOWPATH_REQUEST_LOG names a file in a folder that exists. The application is not affected.',
    );
  }

  #lostLines(): string {
    const { drops } = this.#options;
    const reasons = (['request_log_full', 'request_log_failed'] as const).filter((reason) => drops.count(reason) > 0);
    return `request log lines lost: ${reasons.map((reason) => `${drops.count(reason)} ${reason}`).join(', ')}`;
  }
}

/** Stops the whole process. */
function stop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Does not keep the process alive: its end writes what is left. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
