import { EXPECTS_OPERAND, keywordFlags } from './keywords.ts';
import { SYMBOL, type TokenList, WORD } from './token-list.ts';

const closeParenthesis = 41;
const closeBracket = 93;

/** Whether token `i` ends an operand, so that a minus, `?`, `%` or `:` after it is a binary operator. */
export function endsOperand(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  if (kind === WORD) return ((keywordFlags[tokens.keyword(i)] ?? 0) & EXPECTS_OPERAND) === 0;
  if (kind !== SYMBOL) return kind !== 0;
  const symbol = tokens.symbol(i);
  return symbol === closeParenthesis || symbol === closeBracket;
}
