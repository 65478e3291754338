import { SCALE } from './duration-buckets.ts';
import { SetupError } from './setup-error.ts';

/**
 * The histogram as a data point of OpenTelemetry's exponential histogram. `sum`, `min`, `max` and the bucket boundaries are
 * in the unit of the histogram it came from: the metric that carries it must say the same, `ms` or `s`.
 */
export interface OtlpHistogram {
  readonly scale: number;
  readonly count: number;
  readonly sum: number;
  /** Absent while the histogram is empty. */
  readonly min?: number;
  readonly max?: number;
  readonly zeroCount: number;
  /** `bucketCounts[k]` is the count of bucket `offset + k`. */
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly number[] };
}

/**
 * Throws unless `data` can become a DurationHistogram.
 * @throws {SetupError} SLOWPATH_HISTOGRAM_SCALE or SLOWPATH_HISTOGRAM_DATA, see `DurationHistogram.fromOtlp`.
 */
export function checkOtlpHistogram(data: OtlpHistogram): void {
  if (data.scale !== SCALE) {
    throw new SetupError(
      'SLOWPATH_HISTOGRAM_SCALE',
      `The histogram has scale ${data.scale}, expected ${SCALE}. Pass data that DurationHistogram.toOtlp() gave.`,
    );
  }
  const problems = otlpProblems(data);
  if (problems.length > 0) {
    throw new SetupError(
      'SLOWPATH_HISTOGRAM_DATA',
      `The histogram ${problems.join('; it ')}. Pass data that DurationHistogram.toOtlp() gave.`,
    );
  }
}

function otlpProblems({ count, sum, min, max, zeroCount, positive }: OtlpHistogram): string[] {
  const { offset, bucketCounts } = positive;
  const problems: string[] = [];
  if (![count, zeroCount, ...bucketCounts].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    problems.push('has a count that is not a whole number from 0');
  }
  if (!Number.isSafeInteger(offset)) problems.push(`has the bucket offset ${offset}, which is not a whole number`);
  const total = bucketCounts.reduce((total, bucketCount) => total + bucketCount, zeroCount);
  if (total !== count) problems.push(`says ${count} durations, but its buckets hold ${total}`);
  if (!(sum >= 0 && sum < Infinity)) problems.push(`has the sum ${sum}, which is not a sum of durations`);
  if (count > 0 && !(min !== undefined && max !== undefined && min >= 0 && min <= max && max < Infinity)) {
    problems.push(`has the minimum ${min} and the maximum ${max}, which are not those of ${count} durations`);
  }
  return problems;
}
