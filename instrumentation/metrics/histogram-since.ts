import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';
import type { OtlpHistogram } from '../../core/otlp-histogram.ts';

/** The histogram as a data point. */
export function toDataPoint(histogram: OtlpHistogram): ExponentialHistogram {
  const { positive, ...rest } = histogram;
  return {
    ...rest,
    positive: { offset: positive.offset, bucketCounts: [...positive.bucketCounts] },
    negative: { offset: 0, bucketCounts: [] },
  };
}

/**
 * What was recorded after `before`, an earlier state of the same histogram. Without `min` and `max`: those of a part are not
 * known from the totals.
 */
export function histogramSince(now: OtlpHistogram, before: OtlpHistogram): ExponentialHistogram {
  const shift = before.positive.offset - now.positive.offset;
  const counts = now.positive.bucketCounts.map(
    (count, position) => count - (before.positive.bucketCounts[position - shift] ?? 0),
  );
  const first = counts.findIndex((count) => count > 0);
  const end = counts.findLastIndex((count) => count > 0) + 1;
  return {
    scale: now.scale,
    count: now.count - before.count,
    sum: now.sum - before.sum,
    zeroCount: now.zeroCount - before.zeroCount,
    positive: {
      offset: first === -1 ? 0 : now.positive.offset + first,
      bucketCounts: first === -1 ? [] : counts.slice(first, end),
    },
    negative: { offset: 0, bucketCounts: [] },
  };
}
