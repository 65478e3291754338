import type { CallSite } from './query.ts';

/** `src/orders.ts:42:17`, or without the column where it is not known. */
export function formatCallSite({ file, line, column }: CallSite): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}
