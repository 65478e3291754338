/** Stands where a number does not exist. */
export const NO_NUMBER = '-';

/** `12.3 ms`, `1.24 s`, `12.4 min`, `3.5 h`; `-` for a duration that does not exist. */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return NO_NUMBER;
  if (ms < 0.05) return ms === 0 ? '0 ms' : '<0.1 ms';
  if (ms < 999.5) return `${threeDigits(ms, 1)} ms`;
  const seconds = ms / 1000;
  if (seconds < 599.5) return `${threeDigits(seconds, 2)} s`;
  const minutes = seconds / 60;
  return minutes < 599.5 ? `${threeDigits(minutes, 1)} min` : `${threeDigits(minutes / 60, 1)} h`;
}

/**
 * An estimated duration, about two digits of it: `≈ 43–51 ms`, `up to 51 ms`, `≈ 0.9–1.2 s`; `≈ 43 ms` where both ends read
 * the same. The unit is that of the upper end.
 */
export function formatEstimate(lowMs: number, highMs: number): string {
  const [unit, unitMs] = UNITS.find(([, , limitMs]) => highMs < limitMs) ?? HOURS;
  const [low, high] = [lowMs, highMs].map((ms) => (ms / unitMs).toFixed(ms / unitMs < 9.95 ? 1 : 0));
  if (high === '0.0') return highMs > 0 ? '<0.1 ms' : '0 ms';
  if (low === high) return `≈ ${high} ${unit}`;
  return low === '0.0' ? `up to ${high} ${unit}` : `≈ ${low}–${high} ${unit}`;
}

const HOURS = ['h', 3_600_000, Infinity] as const;
/** Unit, milliseconds in it, and from where on the next one is used. */
const UNITS = [['ms', 1, 999.5], ['s', 1000, 599_500], ['min', 60_000, 35_970_000], HOURS] as const;

/** Milliseconds without their unit, for a column whose heading names it: `12.3`, `1240`. */
export function formatMsNumber(ms: number | undefined): string {
  if (ms === undefined) return NO_NUMBER;
  return threeDigits(ms, 1);
}

/** `12,345`. */
export function formatCount(count: number): string {
  const digits = String(count);
  if (!Number.isSafeInteger(count) || count < 1000) return digits;
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end));
  return groups.join(',');
}

/** `1 request`, `12,345 requests`. */
export function formatCountOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** An average of counts: `21`, `20.5`; `-` where there is none. */
export function formatAverage(average: number | undefined): string {
  if (average === undefined) return NO_NUMBER;
  return Number.isInteger(average) ? formatCount(average) : average.toFixed(1);
}

/** A share of 0–1 in per cent: `38 %`, `1.7 %`, `<0.1 %`. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return percent >= 9.95 || percent === 0 ? `${percent.toFixed(0)} %` : `${percent.toFixed(1)} %`;
}

/** About three digits, with at most `decimals` of them behind the point. The limits are where rounding adds a digit. */
function threeDigits(value: number, decimals: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? Math.min(1, decimals) : decimals);
}
