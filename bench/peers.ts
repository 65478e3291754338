/**
 * `npm ci --prefix bench && node bench/peers.ts`: our histogram beside others that count durations, in one run. `--quick`, `--json`.
 * Each is set up for the same task: 1 µs to 24 h with a relative error of about 1 %.
 */
import { createRequire } from 'node:module';
import { createHistogram } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { DurationHistogram } from '../core/duration-histogram.ts';
import { durationsMs } from './cases/monitor.ts';
import { measure } from './lib/measure.ts';
import { bytesOf } from './lib/memory.ts';

/** A histogram of milliseconds, as the comparison needs it. */
interface Peer {
  readonly name: string;
  readonly make: () => Recorder;
  /** Its memory is not that of JavaScript: the garbage collector does not know it. */
  readonly isNative?: true;
}

interface Recorder {
  readonly record: (ms: number) => void;
  readonly quantileMs: (q: number) => number | undefined;
}

interface Sketches {
  readonly DDSketch: new (options: { relativeAccuracy: number }) => {
    accept(value: number): void;
    getValueAtQuantile(q: number): number;
  };
}

interface Hdr {
  readonly build: (options: object) => {
    recordValue(value: number): void;
    getValueAtPercentile(percentile: number): number;
  };
}

const require = createRequire(import.meta.url);
const US_PER_DAY = 86_400_000_000;
const INSTANCES = 200;

const peers: readonly Peer[] = [
  {
    name: 'slowpath DurationHistogram',
    make() {
      const histogram = new DurationHistogram();
      return { record: (ms) => void histogram.record(ms), quantileMs: (q) => histogram.quantile(q) };
    },
  },
  {
    name: 'node:perf_hooks createHistogram',
    isNative: true,
    make() {
      const histogram = createHistogram({ lowest: 1, highest: US_PER_DAY, figures: 2 });
      return {
        record: (ms) => histogram.record(Math.max(1, Math.round(ms * 1000))),
        quantileMs: (q) => histogram.percentile(q * 100) / 1000,
      };
    },
  },
  ...installed<Sketches>('@datadog/sketches-js', ({ DDSketch }) => () => {
    const sketch = new DDSketch({ relativeAccuracy: 0.011 });
    return { record: (ms) => sketch.accept(ms), quantileMs: (q) => sketch.getValueAtQuantile(q) };
  }),
  ...installed<Hdr>('hdr-histogram-js', ({ build }) => () => {
    const options = { lowestDiscernibleValue: 1, highestTrackableValue: US_PER_DAY, numberOfSignificantValueDigits: 2 };
    const histogram = build(options);
    return {
      record: (ms) => histogram.recordValue(Math.round(ms * 1000)),
      quantileMs: (q) => histogram.getValueAtPercentile(q * 100) / 1000,
    };
  }),
];

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const times = measure(
  peers.map(({ name, make }) => {
    const { record } = make();
    return { name, run: (call) => record(durationsMs[call % durationsMs.length] as number) };
  }),
  { calls: 4096, batches: values.quick ? 20 : 200 },
);
const results = peers.map((peer) => ({
  name: peer.name,
  recordNs: times.get(peer.name)?.bestNs ?? NaN,
  bytes: peer.isNative ? undefined : bytesEach(peer),
  relativeErrorMax: relativeErrorMax(peer),
}));

if (values.json) console.log(JSON.stringify({ schemaVersion: 1, node: process.version, results }, undefined, 2));
else {
  console.log('4096 durations around 20 ms: the best batch, memory of one, the largest error of p1 to p99');
  for (const { name, recordNs, bytes, relativeErrorMax } of results) {
    const memory = bytes === undefined ? 'not known' : `${Math.round(bytes)} bytes`;
    const error = `${(100 * relativeErrorMax).toFixed(2)} %`;
    console.log(
      `  ${name.padEnd(34)} ${recordNs.toFixed(1).padStart(7)} ns ${memory.padStart(14)} ${error.padStart(8)}`,
    );
  }
}

/** The peer, if it is installed. */
function installed<Module>(name: string, maker: (module: Module) => () => Recorder): readonly Peer[] {
  try {
    return [{ name, make: maker(require(name) as Module) }];
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'MODULE_NOT_FOUND')) throw thrown;
    console.error(`${name} is not installed and is left out: npm ci --prefix bench`);
    return [];
  }
}

function filled({ make }: Peer): Recorder {
  const recorder = make();
  for (const ms of durationsMs) recorder.record(ms);
  return recorder;
}

function bytesEach(peer: Peer): number {
  filled(peer);
  return bytesOf(() => Array.from({ length: INSTANCES }, () => filled(peer))).bytes / INSTANCES;
}

/** Against the nearest rank among the sorted durations. */
function relativeErrorMax(peer: Peer): number {
  const recorder = filled(peer);
  const sorted = durationsMs.toSorted();
  let max = 0;
  for (let percent = 1; percent <= 99; percent++) {
    const exact = sorted[Math.ceil((percent * sorted.length) / 100) - 1] as number;
    max = Math.max(max, Math.abs((recorder.quantileMs(percent / 100) ?? NaN) - exact) / exact);
  }
  return max;
}
