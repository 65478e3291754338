/** Why something was left out. Every bound in slowpath counts under one of these names. */
export type DropReason =
  /** The export queue was full when the span ended. */
  | 'queue_full'
  /** The collector refused or failed a batch until its time was up. */
  | 'export_failed'
  /** The process ended before the collector had answered. */
  | 'shutdown_deadline'
  /** `process.exit()` or a crash left no time to send. */
  | 'process_exit'
  /** The request log's buffer was full when the request ended. */
  | 'request_log_full'
  /** The file or standard error did not take the request log's line. */
  | 'request_log_failed'
  /** A fault of ours was caught; the application did not notice. */
  | 'internal';

/** Counts what was dropped, by reason. The counts only grow. */
export class DropCounters {
  readonly #counts = new Map<DropReason, number>();

  /** Adds `count` (at least 0) to the reason. */
  add(reason: DropReason, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  /** 0 for a reason that never occurred. */
  count(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** Only the reasons that occurred. */
  toJson(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
