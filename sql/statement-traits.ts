import type { StatementTraits } from '../core/types.ts';

/** Bits under which a reader collects traits before it makes the object of them. */
export const HAS_WHERE = 1;
export const LIMITED = 2;
export const ORDERED = 4;
export const AGGREGATED = 8;
export const GROUPED = 16;
export const DISTINCT = 32;
export const LOCKS = 64;
export const POLLS = 128;
export const PAGINATES = 256;
export const SELECTS_STAR = 512;
export const FILTERS_MORE = 1024;
export const PICKS_RANGE = 2048;

/** The traits of a statement over `tables` that picks its rows by `filterColumn`; `bits` are those above. */
export function toStatementTraits(
  bits: number,
  tables: readonly string[],
  filterColumn: string | undefined,
): StatementTraits {
  return {
    tables,
    filterColumn,
    hasWhere: (bits & HAS_WHERE) !== 0,
    limited: (bits & LIMITED) !== 0,
    ordered: (bits & ORDERED) !== 0,
    aggregated: (bits & AGGREGATED) !== 0,
    grouped: (bits & GROUPED) !== 0,
    distinct: (bits & DISTINCT) !== 0,
    locks: (bits & LOCKS) !== 0,
    polls: (bits & POLLS) !== 0,
    paginates: (bits & PAGINATES) !== 0,
    selectsStar: (bits & SELECTS_STAR) !== 0,
    filtersMore: (bits & FILTERS_MORE) !== 0,
    picksRange: (bits & PICKS_RANGE) !== 0,
  };
}

/** Those of a text of which nothing is known. */
export const NO_TRAITS: StatementTraits = toStatementTraits(0, [], undefined);
