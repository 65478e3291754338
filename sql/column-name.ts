import { EXPECTS_OPERAND, K, keywordFlags, TYPE_NAME } from './keywords.ts';
import { NAME, STRING, type TokenList, WORD } from './token-list.ts';

const openParenthesis = 40;
const openBracket = 91;
const dot = 46;

/** `server.database.schema.table.column` */
const maxParts = 5;
/** A longer name is none that a database knows; it would only be carried along. */
const maxNameLength = 255;

/** The token of the column's own name, of a column that ends a side of a comparison at token `i`; -1 if it is none. */
export function columnEndingAt(tokens: TokenList, i: number): number {
  if (!isNamePart(tokens, i)) return -1;
  let first = i;
  for (let parts = 1; parts < maxParts && tokens.symbol(first - 1) === dot; parts++) first -= 2;
  return startsCondition(tokens, first) ? i : -1;
}

/** The token of the column's own name, of a column that starts at token `i`; -1 if something else starts there. */
export function columnStartingAt(tokens: TokenList, i: number): number {
  if (!isNamePart(tokens, i)) return -1;
  let last = i;
  for (let parts = 1; parts < maxParts && tokens.symbol(last + 1) === dot; parts++) last += 2;
  const next = tokens.symbol(last + 1);
  if (next === openParenthesis || next === openBracket || !isNamePart(tokens, last)) return -1;
  const isTyped = ((keywordFlags[tokens.keyword(i)] ?? 0) & TYPE_NAME) !== 0 && tokens.kind(i + 1) === STRING;
  return isTyped ? -1 : last;
}

/** Whether token `i` is the first of a condition: nothing stands before it that would belong to the same operand. */
export function startsCondition(tokens: TokenList, i: number): boolean {
  const code = tokens.keyword(i - 1);
  if (code !== 0) return code === K.where || code === K.and || code === K.or || code === K.not;
  return tokens.symbol(i - 1) === openParenthesis;
}

/** The name at token `i` without its quotes; `undefined` if it is longer than any column's. */
export function nameAt(sql: string, tokens: TokenList, i: number): string | undefined {
  const { start, end } = nameRange(sql, tokens, i);
  return end - start > maxNameLength ? undefined : sql.slice(start, end);
}

/** Whether the names at two tokens are the same, but for their quotes and case. */
export function isSameName(sql: string, tokens: TokenList, a: number, b: number): boolean {
  const one = nameAt(sql, tokens, a)?.toLowerCase();
  return one !== undefined && one === nameAt(sql, tokens, b)?.toLowerCase();
}

function nameRange(sql: string, tokens: TokenList, i: number): { readonly start: number; readonly end: number } {
  const start = tokens.start(i);
  const end = tokens.end(i);
  if (tokens.kind(i) !== NAME) return { start, end };
  // U&"name"
  const isUnicode = (sql.charCodeAt(start) | 32) === 117;
  return { start: start + (isUnicode ? 3 : 1), end: end - 1 };
}

function isNamePart(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  if (kind === NAME) return true;
  if (kind !== WORD) return false;
  const code = tokens.keyword(i);
  if (code === K.null || code === K.true || code === K.false || code === K.default) return false;
  return code === 0 || ((keywordFlags[code] ?? 0) & EXPECTS_OPERAND) === 0;
}
