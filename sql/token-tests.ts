import { callKind, readsAs, SESSION } from './call-names.ts';
import { ENDS_FROM, K, keywordFlags } from './keywords.ts';
import { NUMBER, PLACEHOLDER, STRING, SYMBOL, type TokenList, VARIABLE, WORD } from './token-list.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const comma = 44;
const dot = 46;
const semicolon = 59;
const zero = 48;

/** Whether token `i` is the unquoted word `word`, in any case; `word` is in lower case. */
export function isWord(sql: string, tokens: TokenList, i: number, word: string): boolean {
  const start = tokens.start(i);
  return tokens.kind(i) === WORD && tokens.end(i) - start === word.length && readsAs(sql, start, word);
}

/** Whether what a SELECT starts with, from token `i` on, is a call for the session: `pg_catalog.set_config(…)`. */
export function isSessionCall(sql: string, tokens: TokenList, i: number): boolean {
  const name = tokens.symbol(i + 1) === dot ? i + 2 : i;
  if (tokens.symbol(name + 1) !== openParenthesis) return false;
  return callKind(sql, tokens.start(name), tokens.end(name)) === SESSION;
}

/** A ping asks for a number and nothing else: a bind value, a text or a cast (`::`) is work, though no table is named. */
export function isComputed(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  return kind === PLACEHOLDER || kind === STRING || (kind === SYMBOL && tokens.end(i) - tokens.start(i) === 2);
}

/** Whether the `*` at token `i` means all columns: no operand follows that it would multiply. */
export function isStar(tokens: TokenList, i: number): boolean {
  const symbol = tokens.symbol(i + 1);
  if (tokens.kind(i + 1) === 0 || symbol === comma || symbol === semicolon || symbol === closeParenthesis) return true;
  const code = tokens.keyword(i + 1);
  return code === K.from || code === K.into || ((keywordFlags[code] ?? 0) & ENDS_FROM) !== 0;
}

/** Whether token `i` can be the number behind LIMIT, OFFSET or TOP, so that those are no names. */
export function isAmount(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  if (kind === SYMBOL) return tokens.symbol(i) === openParenthesis;
  return kind === WORD ? tokens.keyword(i) === 0 : kind !== 0 && kind <= VARIABLE;
}

/** Whether token `i` is the number 0, as it was written. */
export function isZero(sql: string, tokens: TokenList, i: number): boolean {
  const start = tokens.start(i);
  return tokens.kind(i) === NUMBER && tokens.end(i) - start === 1 && sql.charCodeAt(start) === zero;
}
