import { K } from './keywords.ts';
import { LOCKS, POLLS } from './statement-traits.ts';
import { isWord } from './token-tests.ts';
import { NAME, type TokenList, WORD } from './token-list.ts';

const comma = 44;
const dot = 46;

/** Whether the FOR at token `i` starts `FOR UPDATE`, `FOR NO KEY UPDATE`, `FOR SHARE` or `FOR KEY SHARE`. */
export function isLockClause(sql: string, tokens: TokenList, i: number): boolean {
  const code = tokens.keyword(i + 1);
  if (code === K.update) return true;
  if (code === K.no) return tokens.keyword(i + 2) === K.key;
  return isWord(sql, tokens, code === K.key ? i + 2 : i + 1, 'share');
}

/** Whether SKIP LOCKED belongs to the lock clause whose FOR is token `i`: `FOR UPDATE OF a, b SKIP LOCKED`. */
export function skipsLocked(sql: string, tokens: TokenList, i: number): boolean {
  let found = false;
  let j = i + 2;
  // Each name is looked at by the one FOR before it.
  for (; j < tokens.count && !found; j++) {
    const kind = tokens.kind(j);
    const symbol = tokens.symbol(j);
    const code = tokens.keyword(j);
    const belongs = code === 0 || code === K.of || code === K.key || code === K.update;
    if (!belongs || (kind !== WORD && kind !== NAME && symbol !== comma && symbol !== dot)) break;
    found = isWord(sql, tokens, j, 'skip') && isWord(sql, tokens, j + 1, 'locked');
  }
  tokens.steps += j - i;
  return found;
}

/** LOCKS and POLLS for the table hints of SQL Server behind the WITH at token `i`: `WITH (UPDLOCK, READPAST)`. */
export function readTableHints(sql: string, tokens: TokenList, i: number): number {
  let bits = 0;
  let j = i + 2;
  // Nothing but names and commas: no token is looked at twice, whatever stands there.
  for (; tokens.kind(j) === WORD ? tokens.keyword(j) === 0 : tokens.symbol(j) === comma; j++) {
    if (isWord(sql, tokens, j, 'updlock') || isWord(sql, tokens, j, 'xlock') || isWord(sql, tokens, j, 'holdlock'))
      bits |= LOCKS;
    else if (isWord(sql, tokens, j, 'readpast')) bits |= POLLS;
  }
  tokens.steps += j - i;
  return bits;
}
