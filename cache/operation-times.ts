import { DurationHistogram } from '../core/duration-histogram.ts';
import type { CacheOperationUse } from './cache-source.ts';

/** What a second tier may be asked for, as telemetry names it. */
export type StoreOperation = 'get' | 'set' | 'delete' | 'invalidate_tags' | 'clear' | 'increment';

/** Why a call failed: it was not answered in time, or it was refused. */
export type StoreFailure = 'timeout' | 'error';

interface Times {
  readonly operation: StoreOperation;
  readonly errorType: StoreFailure | undefined;
  readonly durations: DurationHistogram;
}

/** How long the calls of a second tier took, by what they were and how they ended. */
export class OperationTimes {
  readonly #times = new Map<string, Times>();

  add(operation: StoreOperation, errorType: StoreFailure | undefined, durationMs: number): void {
    const key = `${operation} ${errorType ?? ''}`;
    let times = this.#times.get(key);
    if (times === undefined) {
      times = { operation, errorType, durations: new DurationHistogram('s') };
      this.#times.set(key, times);
    }
    times.durations.record(durationMs / 1000);
  }

  toUses(cacheName: string): readonly CacheOperationUse[] {
    return Array.from(this.#times.values(), ({ operation, errorType, durations }) => ({
      cacheName,
      operation,
      durations,
      ...(errorType !== undefined && { errorType }),
    }));
  }
}
