import { SetupError } from './setup-error.ts';

/**
 * The nearest rank of the `q`-quantile among `count` sorted values, counting from 1: ⌈q · count⌉, and 1 for `q` = 0.
 * @throws {SetupError} SLOWPATH_QUANTILE_RANGE if `q` is not in [0, 1].
 */
export function nearestRank(q: number, count: number): number {
  if (!(q >= 0 && q <= 1)) {
    throw new SetupError(
      'SLOWPATH_QUANTILE_RANGE',
      `${q} is not a quantile. Pass a number from 0 to 1, for example 0.95 for the 95th percentile.`,
    );
  }
  // 0.07 * 100 is 7.000000000000001 in binary: without the tolerance the rank of such a quantile would be one too high.
  const rank = Math.ceil(q * count - count * Number.EPSILON);
  return Math.max(1, rank);
}
