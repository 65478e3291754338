import { formatCountOf } from './format-number.ts';
import type { Paint } from './palette.ts';

/** `… and 3 more endpoints`, or no line if all of them are shown. */
export function moreLines(count: number, one: string, many: string, paint: Paint): string[] {
  return count > 0 ? [paint('quiet', `  … and ${formatCountOf(count, `more ${one}`, `more ${many}`)}`)] : [];
}
