import type { HrTime } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  MeterProvider,
  MetricReader,
  type ExponentialHistogram,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { DurationHistogram } from '../../core/duration-histogram.ts';
import type { OtlpHistogram } from '../../core/otlp-histogram.ts';
import { seededRandom } from '../../testing/seeded-random.ts';

class OnDemandReader extends MetricReader {
  constructor() {
    super({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      aggregationSelector: () => ({ type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 1000 } }),
    });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/** The data point of the SDK's own aggregation after each of the parts: it merges a part into what it had before. */
async function sdkHistograms(parts: readonly (readonly number[])[]): Promise<readonly ExponentialHistogram[]> {
  const reader = new OnDemandReader();
  const provider = new MeterProvider({ readers: [reader] });
  const instrument = provider.getMeter('test').createHistogram('durations', { unit: 's' });
  const points: ExponentialHistogram[] = [];
  for (const part of parts) {
    for (const value of part) instrument.record(value);
    const { resourceMetrics } = await reader.collect();
    const metric = resourceMetrics.scopeMetrics[0]?.metrics[0];
    if (metric?.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) throw new Error('No exponential histogram.');
    points.push(structuredClone(metric.dataPoints[0]?.value as ExponentialHistogram));
  }
  await provider.shutdown();
  return points;
}

/** Halves the number of buckets until the scale is 5, as the data model prescribes: bucket i becomes bucket i >> 1. */
function atScale5({
  scale,
  sum = NaN,
  count,
  min = NaN,
  max = NaN,
  zeroCount,
  positive,
}: ExponentialHistogram): OtlpHistogram {
  expect(scale).toBeGreaterThanOrEqual(5);
  const counts = new Map<number, number>();
  positive.bucketCounts.forEach((bucketCount, position) => {
    if (bucketCount === 0) return;
    const index = (positive.offset + position) >> (scale - 5);
    counts.set(index, (counts.get(index) ?? 0) + bucketCount);
  });
  const indexes = [...counts.keys()].sort((a, b) => a - b);
  const [offset = 0] = indexes;
  const bucketCounts = Array.from(
    { length: (indexes.at(-1) ?? 0) - offset + 1 },
    (_, k) => counts.get(offset + k) ?? 0,
  );
  return { scale: 5, count, sum, min, max, zeroCount, positive: { offset, bucketCounts } };
}

function inSeconds(values: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram('s');
  for (const value of values) histogram.record(value);
  return histogram;
}

const random = seededRandom(11);
const seconds = Array.from({ length: 5000 }, (_, n) => (n % 500 === 0 ? 0 : Math.exp(9 * random() - 8)));

/** The SDK's histogram while it is filled. The package has no name for it, so it is taken from its file. */
interface Accumulation {
  merge(other: unknown): void;
  toPointValue(): ExponentialHistogram;
}

async function sdkAccumulation(bucketsMax: number): Promise<Accumulation> {
  const file = new URL('dist/aggregator/ExponentialHistogram.mjs', SDK_FOLDER);
  const { ExponentialHistogramAggregator } = (await import(file.href)) as {
    ExponentialHistogramAggregator: new (
      bucketsMax: number,
      recordMinMax: boolean,
    ) => {
      createAccumulation(startTime: HrTime): Accumulation;
    };
  };
  return new ExponentialHistogramAggregator(bucketsMax, true).createAccumulation([0, 0]);
}

const SDK_FOLDER = new URL('../../node_modules/@opentelemetry/sdk-metrics/', import.meta.url);

/** OTLP data in the form in which the SDK merges a histogram into another one. */
function asMergeable({ scale, count, sum, min, max, zeroCount, positive }: OtlpHistogram): unknown {
  const bucketsOf = ({ offset, bucketCounts }: OtlpHistogram['positive']) => ({
    offset,
    length: bucketCounts.length,
    indexStart: offset,
    indexEnd: offset + bucketCounts.length - 1,
    at: (position: number) => bucketCounts[position],
  });
  const negative = bucketsOf({ offset: 0, bucketCounts: [] });
  return { startTime: [0, 0], scale, count, sum, min, max, zeroCount, positive: bucketsOf(positive), negative };
}

describe("the duration histogram and the SDK's exponential histogram", () => {
  it('fill the same buckets from the same seconds', async () => {
    const [point] = await sdkHistograms([seconds]);
    const theirs = atScale5(point as ExponentialHistogram);
    const ours = inSeconds(seconds).toOtlp();
    expect(ours.zeroCount).toBe(10);
    expect({ ...ours, sum: 0 }).toEqual({ ...theirs, sum: 0 });
    expect(ours.sum).toBeCloseTo(theirs.sum, 6);
  });

  it('can be read from each other', async () => {
    const [point] = await sdkHistograms([seconds]);
    const theirs = DurationHistogram.fromOtlp(atScale5(point as ExponentialHistogram), 's');
    const ours = inSeconds(seconds);
    for (const q of [0, 0.5, 0.95, 0.99, 1]) expect(theirs.quantile(q)).toBe(ours.quantile(q));
    expect(theirs.unit).toBe('s');
    expect(theirs.clampedCount).toBe(0);
  });

  it('merge two parts to the same whole', async () => {
    const [one, two] = [seconds.slice(0, 1234), seconds.slice(1234).map((value) => value * 3)];
    const [, merged] = await sdkHistograms([one, two]);
    const ours = inSeconds(one);
    ours.merge(inSeconds(two));
    const theirs = atScale5(merged as ExponentialHistogram);
    expect({ ...ours.toOtlp(), sum: 0 }).toEqual({ ...theirs, sum: 0 });
    expect(ours.toOtlp()).toEqual(inSeconds([...one, ...two]).toOtlp());
  });

  it("are merged across processes by the SDK's own merge to what one process would have", async () => {
    const processes = [seconds.slice(0, 3000), seconds.slice(3000).map((value) => value * 40), [0, 0.25]];
    const merged = await sdkAccumulation(1000);
    for (const values of processes)
      merged.merge(asMergeable(JSON.parse(JSON.stringify(inSeconds(values).toOtlp())) as OtlpHistogram));
    const { sum, ...theirs } = merged.toPointValue();
    const { sum: oursSum, ...ours } = inSeconds(processes.flat()).toOtlp();
    expect(theirs).toMatchObject(ours);
    expect(theirs.scale).toBe(5);
    expect(sum).toBeCloseTo(oursSum, 6);
    const read = DurationHistogram.fromOtlp({ ...ours, ...theirs, sum: sum ?? NaN }, 's');
    const exact = processes.flat().sort((a, b) => a - b);
    for (const q of [0.5, 0.95, 0.99]) {
      const value = exact[Math.ceil(q * exact.length) - 1] ?? NaN;
      expect(Math.abs((read.quantile(q) ?? NaN) - value)).toBeLessThanOrEqual(0.011 * value);
    }
  });
});
