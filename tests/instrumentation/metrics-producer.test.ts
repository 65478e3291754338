import {
  AggregationTemporality,
  DataPointType,
  type ExponentialHistogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationHistogram } from '../../core/duration-histogram.ts';
import { SourceProducer } from '../../instrumentation/metrics/source-producer.ts';
import type { TemporalityPreference } from '../../instrumentation/metrics/temporality.ts';
import type { MetricSeries, MetricSource } from '../../monitor/metric-store-series.ts';

const START_MS = 1_800_000_000_000;
const described = { description: '', unit: '1' } as const;

/** A source with a histogram, a counter and a gauge, each of the given series. */
function producerOf(
  temporality: TemporalityPreference,
  series: { readonly [Kind in 'h' | 'c' | 'g' | 'u']?: unknown },
) {
  const histograms = (series.h ?? []) as MetricSeries<DurationHistogram>[];
  const source: MetricSource = {
    families: () => [
      { ...described, kind: 'histogram', name: 'h', series: histograms },
      { ...described, kind: 'counter', name: 'c', series: (series.c ?? []) as MetricSeries<number>[] },
      { ...described, kind: 'gauge', name: 'g', series: (series.g ?? []) as MetricSeries<number>[] },
      { ...described, kind: 'upDownCounter', name: 'u', series: (series.u ?? []) as MetricSeries<number>[] },
    ],
  };
  const clock = { ms: START_MS };
  const producer = new SourceProducer({
    sources: [source],
    temporality,
    startUnixMs: START_MS,
    unixNowMs: () => clock.ms,
  });
  const collect = async (): Promise<readonly MetricData[]> => {
    clock.ms += 1500;
    const { resourceMetrics } = await producer.collect();
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  };
  return { producer, collect, clock };
}

function histogramIn(metrics: readonly MetricData[]): ExponentialHistogram | undefined {
  const metric = metrics.find(({ dataPointType }) => dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM);
  return metric?.dataPoints[0]?.value as ExponentialHistogram | undefined;
}

function bucketsOf({ positive, zeroCount }: ExponentialHistogram): Map<number | 'zero', number> {
  const buckets = new Map<number | 'zero', number>(zeroCount > 0 ? [['zero', zeroCount]] : []);
  positive.bucketCounts.forEach((count, n) => {
    if (count > 0) buckets.set(positive.offset + n, count);
  });
  return buckets;
}

describe('SourceProducer', () => {
  it('gives nothing while there is nothing', async () => {
    expect(await producerOf('cumulative', {}).collect()).toEqual([]);
  });

  it.each([
    ['cumulative', [0, 7, 7, 9]],
    ['delta', [0, 7, 0, 2]],
    ['lowmemory', [0, 7, 0, 2]],
  ] as const)('starts a counter at 0, loses nothing of it: %s', async (temporality, expected) => {
    const series = { attributes: { a: 1 }, value: 3 };
    const { producer, collect } = producerOf(temporality, { c: [series] });
    const got: unknown[] = [];
    for (const value of [3, 7, 7, 9]) {
      series.value = value;
      const [metric] = await collect();
      got.push(metric?.dataPoints[0]?.value);
      expect(producer.isBehind).toBe(got.length === 1);
    }
    expect(got).toEqual(expected);
  });

  it('is not behind for a counter that is 0', async () => {
    const { producer, collect } = producerOf('cumulative', { c: [{ attributes: {}, value: 0 }] });
    await collect();
    expect(producer.isBehind).toBe(false);
  });

  it.each(['cumulative', 'delta', 'lowmemory'] as const)(
    'gives an up-down counter as the amount it is, at once and when it falls: %s',
    async (temporality) => {
      const series = { attributes: {}, value: 5 };
      const { producer, collect } = producerOf(temporality, { u: [series] });
      const first = await collect();
      series.value = 2;
      const second = await collect();
      expect([...first, ...second].map(({ dataPoints }) => dataPoints[0]?.value)).toEqual([5, 2]);
      expect(second[0]).toMatchObject({
        dataPointType: DataPointType.SUM,
        isMonotonic: false,
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
      });
      expect(producer.isBehind).toBe(false);
    },
  );

  it('gives a gauge as it is, at once', async () => {
    const [metric] = await producerOf('delta', { g: [{ attributes: {}, value: 5 }] }).collect();
    expect(metric?.dataPoints[0]?.value).toBe(5);
  });

  it('says from when to when a point counts', async () => {
    for (const [temporality, secondStart] of [
      ['cumulative', [1_800_000_000, 0]],
      ['delta', [1_800_000_001, 500_000_000]],
    ] as const) {
      const { collect } = producerOf(temporality, { c: [{ attributes: {}, value: 1 }] });
      const [first] = await collect();
      const [second] = await collect();
      expect(first?.dataPoints[0]).toMatchObject({
        startTime: [1_800_000_000, 0],
        endTime: [1_800_000_001, 500_000_000],
      });
      expect(second?.dataPoints[0]).toMatchObject({ startTime: secondStart, endTime: [1_800_000_003, 0] });
    }
  });

  it.each(['cumulative', 'delta'] as const)(
    'ends no point before it began when the clock is set back: %s',
    async (temporality) => {
      const { collect, clock } = producerOf(temporality, { c: [{ attributes: {}, value: 1 }] });
      const ends: number[] = [];
      for (const backMs of [0, 3_600_000, 0, -7_200_000, 3_600_000]) {
        clock.ms -= backMs;
        const [metric] = await collect();
        const { startTime = [NaN], endTime = [NaN] } = metric?.dataPoints[0] ?? {};
        expect(endTime[0]).toBeGreaterThanOrEqual(startTime[0]);
        ends.push(endTime[0]);
      }
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    },
  );

  it('leaves out a histogram in which nothing is new: delta', async () => {
    const value = new DurationHistogram('s');
    value.record(1);
    const { collect } = producerOf('delta', { h: [{ attributes: {}, value }] });
    expect(histogramIn(await collect())?.count).toBe(1);
    expect(await collect()).toEqual([]);
    value.record(2);
    expect(histogramIn(await collect())?.count).toBe(1);
  });

  it('gives the buckets of exactly what came since the last collection: delta', async () => {
    const durations = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e5, noNaN: true })), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(durations, { minLength: 1, maxLength: 6 }), async (rounds) => {
        const value = new DurationHistogram('s');
        const { collect } = producerOf('delta', { h: [{ attributes: {}, value }] });
        for (const round of rounds) {
          const alone = new DurationHistogram('s');
          for (const duration of round) {
            value.record(duration);
            alone.record(duration);
          }
          const point = histogramIn(await collect());
          if (point === undefined || round.length === 0) {
            // An empty series goes out once, as it is.
            expect([round.length, point?.count ?? 0]).toEqual([0, 0]);
            continue;
          }
          expect(point.count).toBe(round.length);
          expect(point.sum).toBeCloseTo(alone.sum, 5);
          expect(bucketsOf(point)).toEqual(
            bucketsOf({ ...alone.toOtlp(), negative: point.negative } as ExponentialHistogram),
          );
          expect(point.positive.bucketCounts[0]).not.toBe(0);
          expect(point.positive.bucketCounts.at(-1)).not.toBe(0);
        }
      }),
    );
  });
});
