import { callKind, LIST } from './call-names.ts';
import { columnStartingAt } from './column-name.ts';
import { K } from './keywords.ts';
import { isWord } from './token-tests.ts';
import { NAME, type TokenList, WORD } from './token-list.ts';

const openParenthesis = 40;

/** Whether the parenthesis at token `i` starts with a value or an expression, so that it brings a list: no column of a table. */
export function takesValues(tokens: TokenList, i: number): boolean {
  return tokens.symbol(i) === openParenthesis && columnStartingAt(tokens, i + 1) === -1;
}

/** Whether token `i` names a function that makes rows of a list, and a value is what it is called with. */
export function isListCall(sql: string, tokens: TokenList, i: number): boolean {
  return takesValues(tokens, i + 1) && callKind(sql, tokens.start(i), tokens.end(i)) === LIST;
}

/** Whether the statement that starts at token `i` is a batch by nature: COPY, LOAD DATA, INSERT BULK, BULK INSERT. */
export function isBulkLoad(sql: string, tokens: TokenList, i: number): boolean {
  const code = tokens.keyword(i);
  if (code === 0) return tokens.keyword(i + 1) === K.insert && isWord(sql, tokens, i, 'bulk');
  if (code === K.load) return isWord(sql, tokens, i + 1, 'data') || isWord(sql, tokens, i + 1, 'xml');
  if (code !== K.insert) return code === K.copy;
  // `INSERT bulk VALUES (1)` is one into a table of that name.
  const target = tokens.kind(i + 2);
  return isWord(sql, tokens, i + 1, 'bulk') && (target === NAME || (target === WORD && tokens.keyword(i + 2) === 0));
}

/** Whether a name follows the verb: a table's, or a procedure's. */
export function takesName(verb: number): boolean {
  return nameTakers.has(verb);
}

const nameTakers = new Set(
  [
    [K.table, K.insert, K.update, K.merge, K.truncate, K.copy, K.replace, K.upsert, K.describe, K.desc],
    [K.call, K.exec, K.execute],
  ].flat(),
);
