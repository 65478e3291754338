import { PLACEHOLDER, STRING, SYMBOL, type TokenList, WORD } from './token-list.ts';

const UNNEST = 'unnest';

/** The name of PostgreSQL's function that makes rows of an array. */
export function isUnnest(sql: string, tokens: TokenList, i: number): boolean {
  const start = tokens.start(i);
  if (tokens.kind(i) !== WORD || tokens.end(i) - start !== UNNEST.length) return false;
  return sql.slice(start, start + UNNEST.length).toLowerCase() === UNNEST;
}

/** A ping asks for a number and nothing else: a bind value, a text or a cast (`::`) is work, though no table is named. */
export function isComputed(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  return kind === PLACEHOLDER || kind === STRING || (kind === SYMBOL && tokens.end(i) - tokens.start(i) === 2);
}
