/**
 * Nanoseconds of processor time that this process has taken: other processes of the machine do not count, and the garbage
 * collector's threads do. The thread's own time is told by Linux to a few milliseconds only.
 */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return 1000 * (user + system);
}

export interface Budget {
  /** Untimed, until the compiler has done its work. */
  readonly warmUpNs: number;
  readonly timedNs: number;
  readonly batchesMin: number;
}

export const QUICK: Budget = { warmUpNs: 100e6, timedNs: 100e6, batchesMin: 2 };
export const THOROUGH: Budget = { warmUpNs: 300e6, timedNs: 400e6, batchesMin: 3 };

/** Nanoseconds for one of the `size` operations of a batch: the median of the batches. `run` is told where its batch starts. */
export async function timeBatches(size: number, budget: Budget, run: (start: number) => unknown): Promise<number> {
  let start = 0;
  const next = async (): Promise<number> => {
    const before = cpuNs();
    const pending = run(start);
    // Of a batch without a promise, no turn of the event loop is part.
    if (pending instanceof Promise) await pending;
    start += size;
    return cpuNs() - before;
  };
  for (let spent = 0; spent < budget.warmUpNs;) spent += await next();
  const batches: number[] = [];
  for (let spent = 0; spent < budget.timedNs || batches.length < budget.batchesMin;) {
    const ns = await next();
    spent += ns;
    batches.push(ns / size);
  }
  return medianOf(batches);
}

export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}
