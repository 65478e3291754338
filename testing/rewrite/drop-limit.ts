import type { SelectStmt } from 'libpg-query';
import { K } from '../../sql/keywords.ts';
import type { Edit, SourceText } from './source-text.ts';
import { nodeOf, parameterNumbers, usesOf } from './tree.ts';

/** What becomes of the LIMIT. */
export interface LimitChange {
  readonly edits: readonly Edit[];
  /** How many parameters are left: `LIMIT $2` takes its own with it. */
  readonly parameterCount: number;
}

/**
 * Takes the LIMIT out of a lookup, or says why it may not go. Without ORDER BY it keeps rows that nobody chose: DISTINCT ON
 * would keep one as well, but another one perhaps. Where each key has one row at the most it keeps nothing out.
 */
export function dropLimit(source: SourceText, select: SelectStmt, oneRowPerKey: boolean): LimitChange | string {
  const parameterCount = Math.max(0, ...parameterNumbers(select));
  if (select.limitCount === undefined) return { edits: [], parameterCount };
  if (!oneRowPerKey)
    return 'LIMIT keeps some of the rows of a key: if there is one at the most, say so ({ oneRowPerKey: true })';
  const constant = nodeOf(select.limitCount, 'A_Const');
  const parameter = nodeOf(select.limitCount, 'ParamRef');
  const value = source.tokenAt((constant ?? parameter)?.location);
  const { tokens } = source;
  const isRowCount = parameter !== undefined || (constant?.ival?.ival ?? 0) > 0;
  if (value < 2 || !isRowCount || tokens.keyword(value - 1) !== K.limit)
    return 'LIMIT is not a plain number of rows, at least 1';
  // Taken out of the middle, the parameters after it would have to be renumbered, and the caller's values with them.
  if (parameter !== undefined && (parameter.number !== parameterCount || usesOf(parameterCount, select) > 1))
    return 'the parameter of LIMIT is not the last one';
  return {
    edits: [{ start: tokens.end(value - 2), end: tokens.end(value), text: '' }],
    parameterCount: parameter === undefined ? parameterCount : parameterCount - 1,
  };
}
