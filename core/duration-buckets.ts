/**
 * The buckets of OpenTelemetry's exponential histogram at scale 5: base γ = 2^(1/32), 32 buckets per doubling.
 * Bucket i covers (γ^i, γ^(i+1)], the upper end included:
 * https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export const SCALE = 5;

/** Buckets per doubling of the value. */
export const BUCKETS_PER_OCTAVE = 2 ** SCALE;

/** The ratio of a bucket's upper to its lower end. */
export const GAMMA = 2 ** (1 / BUCKETS_PER_OCTAVE);

/** No bucket's estimate is further from any value in it than this share of the value: (γ - 1) / (γ + 1), rounded up. */
export const RELATIVE_ERROR_BOUND = 0.011;

// The boundaries within one octave: UPPER[j] is the largest double that is not above 2^(j/32).
// No double equals such a power but 1 and 2, so comparing with these decides exactly as the real numbers would.
const UPPER = Float64Array.from({ length: BUCKETS_PER_OCTAVE + 1 }, (_, j) => largestDoubleUpTo(j));

// An octave is cut into 64 equal cells; the narrowest bucket (0.0219) is wider than a cell (0.0156), so that a cell holds
// one boundary at most, and one comparison is enough. BELOW[cell] counts the boundaries below the start of the cell.
const CELL_BITS = 6;
const CELLS = 2 ** CELL_BITS;
const BELOW = Uint8Array.from({ length: CELLS }, (_, cell) => UPPER.filter((upper) => upper < 1 + cell / CELLS).length);

const double = new Float64Array([1]);
const words = new Uint32Array(double.buffer);
const HIGH = words[0] === 0 ? 1 : 0;

/**
 * The index of the bucket that holds `value`, exact at every boundary.
 * `value` must be positive, finite and not subnormal; the caller has checked.
 */
export function bucketIndex(value: number): number {
  double[0] = value;
  const high = words[HIGH] as number;
  const exponent = (high >>> 20) - 1023;
  const below = BELOW[(high >>> (20 - CELL_BITS)) & (CELLS - 1)] as number;
  words[HIGH] = (high & 0xfffff) | 0x3ff00000;
  const mantissa = double[0];
  return exponent * BUCKETS_PER_OCTAVE + below - (mantissa > (UPPER[below] as number) ? 0 : 1);
}

/** The value in bucket `index` whose relative distance to both of its ends is the same, at most `RELATIVE_ERROR_BOUND`. */
export function bucketMidpoint(index: number): number {
  return 2 ** (index / BUCKETS_PER_OCTAVE) * ((2 * GAMMA) / (1 + GAMMA));
}

/** The largest double that is not above 2^(j/32), for j from 0 to 32: `Math.pow` is not exact, whole numbers are. */
function largestDoubleUpTo(j: number): number {
  const unit = 2 ** 52;
  const power = 2n ** BigInt(52 * BUCKETS_PER_OCTAVE + j);
  const isAbove = (n: bigint): boolean => n ** BigInt(BUCKETS_PER_OCTAVE) > power;
  let n = BigInt(Math.floor(2 ** (j / BUCKETS_PER_OCTAVE) * unit));
  while (isAbove(n)) n--;
  while (!isAbove(n + 1n)) n++;
  return Number(n) / unit;
}
