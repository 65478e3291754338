/** Nanoseconds per call: the best of the batches, which the machine's noise can only make worse, and their median. */
export interface Measured {
  readonly bestNs: number;
  readonly medianNs: number;
}

/** What is timed: `run` gets the number of the call within its batch; `prepare` runs before each batch, untimed. */
export interface Case {
  readonly name: string;
  readonly prepare?: () => void;
  readonly run: (call: number) => unknown;
}

export interface MeasureOptions {
  /** Calls per batch. */
  readonly calls: number;
  readonly batches?: number;
}

const WARM_UP_BATCHES = 10;

/** Keeps results alive, so that no call is optimised away. */
let sink: unknown;

/** Times several cases side by side: a batch of each in turn, so that a slow moment of the machine meets them all. */
export function measure(
  cases: readonly Case[],
  { calls, batches = 60 }: MeasureOptions,
): ReadonlyMap<string, Measured> {
  const samples = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  // The first batches warm the compiler up and are thrown away.
  for (let batch = -WARM_UP_BATCHES; batch < batches; batch++) {
    for (const { name, prepare, run } of cases) {
      prepare?.();
      const nsPerCall = timeBatch(run, calls);
      if (batch >= 0) samples.get(name)?.push(nsPerCall);
    }
  }
  return new Map(Array.from(samples, ([name, ns]) => [name, summarize(ns)]));
}

function timeBatch(run: (call: number) => unknown, calls: number): number {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) sink = run(call);
  return Number(process.hrtime.bigint() - start) / calls;
}

function summarize(samples: readonly number[]): Measured {
  const sorted = samples.toSorted((a, b) => a - b);
  return { bestNs: sorted[0] ?? Number.NaN, medianNs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
}

/** Whatever was computed last. */
export function lastResult(): unknown {
  return sink;
}
