import { K, keywordFlags, TYPE_NAME } from './keywords.ts';
import { NAME, NUMBER, PLACEHOLDER, QUESTION, STRING, type TokenList, VALUE_WORD, WORD } from './token-list.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const openBracket = 91;
const closeBracket = 93;
const comma = 44;
const colon = 58;
const dot = 46;

const maxDepth = 4;
const maxTypeWords = 4;

/** A list that holds nothing but literals and placeholders. */
export interface LiteralList {
  /** The index of its opening bracket; -1 before the first list was read. */
  open: number;
  /** False if something else stands between the brackets; `end` and `isPure` then say nothing. */
  isFound: boolean;
  /** The index of its closing bracket. */
  end: number;
  /** It has no placeholder and no `?`, so that its text may be shortened as well. */
  isPure: boolean;
  /** Its elements; a row is one of them. */
  length: number;
}

/**
 * Reads the list whose bracket is token `open` into `list`: `(1, 'a', $1::int, NULL, DATE '2026-01-01')`, also of rows
 * `((1, 2), (3, 4))`. False if anything else stands in it: argument lists with names are structure.
 * Asked twice for the same bracket, it does not read twice.
 */
export function readLiteralList(tokens: TokenList, open: number, list: LiteralList): boolean {
  if (list.open !== open) {
    list.open = open;
    list.isFound = scanLiteralList(tokens, open, list);
  }
  return list.isFound;
}

function scanLiteralList(tokens: TokenList, open: number, list: LiteralList): boolean {
  let depth = 1;
  let expectsValue = true;
  list.isPure = true;
  list.length = 1;
  let i = open + 1;
  for (; i < tokens.count; i++) {
    const symbol = tokens.symbol(i);
    if (expectsValue) {
      if (symbol === openParenthesis || symbol === openBracket) {
        if (++depth > maxDepth) break;
        continue;
      }
      const value = literalAt(tokens, i);
      if (value === -1) break;
      const kind = tokens.kind(value);
      if (kind === QUESTION || kind === PLACEHOLDER) list.isPure = false;
      i = value;
      expectsValue = false;
    } else if (symbol === comma) {
      expectsValue = true;
      if (depth === 1) list.length++;
    } else if (symbol === closeParenthesis || symbol === closeBracket) {
      if (--depth === 0) {
        tokens.steps += i - open;
        list.end = i;
        return true;
      }
    } else if (symbol === colon && tokens.end(i) - tokens.start(i) === 2) {
      const typeEnd = endOfType(tokens, i + 1);
      if (typeEnd === -1) break;
      i = typeEnd;
    } else break;
  }
  tokens.steps += i - open;
  return false;
}

/** The index of the value that starts at `i`, past the words that belong to it; -1 if no literal starts there. */
function literalAt(tokens: TokenList, i: number): number {
  const kind = tokens.kind(i);
  if (kind === NUMBER || kind === STRING || kind === VALUE_WORD || kind === QUESTION || kind === PLACEHOLDER) return i;
  if (kind !== WORD) return -1;
  const code = tokens.keyword(i);
  if (code === K.null || code === K.default) return i;
  const isType = ((keywordFlags[code] ?? 0) & TYPE_NAME) !== 0;
  const nextKind = tokens.kind(i + 1);
  return isType && (nextKind === STRING || nextKind === QUESTION) ? i + 1 : -1;
}

/** The last index of the type that starts at `i`: `text`, `double precision`, `public.t`, `numeric(10, 2)[]`; -1 if none. */
function endOfType(tokens: TokenList, i: number): number {
  let last = i;
  if (!isName(tokens, last)) return -1;
  for (let words = 1; words < maxTypeWords; words++) {
    if (tokens.symbol(last + 1) === dot && isName(tokens, last + 2)) last += 2;
    else if (isName(tokens, last + 1)) last++;
    else break;
  }
  if (tokens.symbol(last + 1) === openParenthesis && isSize(tokens.kind(last + 2))) {
    let j = last + 3;
    if (tokens.symbol(j) === comma && isSize(tokens.kind(j + 1))) j += 2;
    if (tokens.symbol(j) !== closeParenthesis) return -1;
    last = j;
  }
  while (tokens.symbol(last + 1) === openBracket && tokens.symbol(last + 2) === closeBracket) last += 2;
  return last;
}

function isName(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  return kind === WORD || kind === NAME;
}

function isSize(kind: number): boolean {
  return kind === NUMBER || kind === QUESTION;
}

/** Whether a token of this kind is a literal that the text replaces. */
export function isLiteral(kind: number): boolean {
  return kind === NUMBER || kind === STRING || kind === VALUE_WORD;
}

/** Whether a token of this kind is a value: in the key, all of them are one. */
export function isValue(kind: number): boolean {
  return isLiteral(kind) || kind === QUESTION || kind === PLACEHOLDER;
}
