import { asciiClassTable, classOf, WORD_PART } from './char-class.ts';
import type { Dialect } from './dialect.ts';
import { K, keywordAt, nextWordHash } from './keywords.ts';
import { endsOperand } from './operand.ts';
import * as scan from './scan.ts';
import { UNREADABLE } from './scan.ts';
import { NAME, NUMBER, STRING, SYMBOL, type TokenList, WORD } from './token-list.ts';

const openBracket = 91;
const singleQuote = 39;
const doubleQuote = 34;
const dot = 46;
const minus = 45;
const plus = 43;

/**
 * Reads words, numbers, strings and quoted names. Every method takes where its token starts, adds it to the list, and
 * returns where it ends, or UNREADABLE.
 */
export class TokenReader {
  protected readonly sql: string;
  protected readonly dialect: Dialect;
  protected readonly tokens: TokenList;
  protected readonly table: Uint8Array;
  /** Within the values of IN (1) or VALUES (2), where SQLite's `"x"` can only be a misspelt string. */
  protected valueZone = 0;
  /** The last string token may be continued, and has backslash escapes. */
  protected stringContinues = false;
  private stringEscapes = false;

  constructor(sql: string, dialect: Dialect, tokens: TokenList) {
    this.sql = sql;
    this.dialect = dialect;
    this.tokens = tokens;
    this.table = asciiClassTable(dialect.hashNames);
  }

  protected word(start: number): number {
    const { sql, table, dialect } = this;
    let i = start;
    let hash = 0;
    let unit = sql.charCodeAt(i);
    do {
      hash = nextWordHash(hash, unit);
      unit = ++i < sql.length ? sql.charCodeAt(i) : 0;
    } while ((classOf(unit, table) & WORD_PART) !== 0);

    if (unit === singleQuote && i === start + 1) {
      // N'', B'', X'' and E'': the prefix is part of the literal.
      const prefix = sql.charCodeAt(start) | 32;
      if (prefix === 110 || prefix === 98 || prefix === 120) return this.string(start, i, dialect.backslashEscapes);
      if (prefix === 101) return this.string(start, i, dialect.backslashEscapes || dialect.escapePrefix);
    }
    if (unit === 38 && i === start + 1 && (sql.charCodeAt(start) | 32) === 117) {
      const quote = sql.charCodeAt(i + 1);
      if (quote === singleQuote) return this.string(start, i + 1, dialect.backslashEscapes);
      if (quote === doubleQuote && !dialect.doubleQuoteIsString) return this.quotedName(start, i + 1, doubleQuote);
    }
    // `q'[it's]'` of Oracle, `it's` of nobody: a word glued to a quote is read differently from family to family.
    if (dialect.generic && (unit === singleQuote || unit === doubleQuote || unit === 96)) return UNREADABLE;
    this.pushWord(start, i, hash);
    return i;
  }

  private pushWord(start: number, end: number, hash: number): void {
    const { tokens } = this;
    // After a dot every word is a name: `t.order`, `excluded.values`.
    const code = tokens.symbol(tokens.count - 1) === dot ? 0 : keywordAt(this.sql, start, end, hash);
    tokens.push(WORD, code, start, end);
    if (code === K.values) this.valueZone = 2;
    else if (code === K.select || code === K.on || code === K.returning || code === K.set || code === K.where)
      this.valueZone = 0;
  }

  protected number(start: number, digits: number): number {
    const { tokens } = this;
    const end = scan.scanNumber(this.sql, digits, this.table);
    const last = tokens.count - 1;
    const sign = tokens.symbol(last);
    if ((sign === minus || sign === plus) && !endsOperand(tokens, last - 1)) {
      const signStart = tokens.start(last);
      tokens.count--;
      tokens.push(NUMBER, 0, signStart, end);
    } else tokens.push(NUMBER, 0, start, end);
    return end;
  }

  protected string(start: number, quoteAt: number, escapesByPrefix: boolean): number {
    const { sql, dialect, tokens } = this;
    const quote = sql.charCodeAt(quoteAt);
    const last = tokens.count - 1;
    const continues = start === quoteAt && this.continuesString(last, start);
    const escapes = escapesByPrefix || (continues && this.stringEscapes);
    const end = scan.scanQuoted(sql, quoteAt + 1, quote, escapes, dialect.generic, this.table);
    if (end === UNREADABLE) return UNREADABLE;
    if (continues) {
      tokens.ends[last] = end;
    } else {
      tokens.push(STRING, 0, start, end);
      this.stringContinues = true;
      this.stringEscapes = escapes;
    }
    return end;
  }

  private continuesString(last: number, start: number): boolean {
    const { sql, dialect, tokens } = this;
    if (!this.stringContinues || tokens.kind(last) !== STRING) return false;
    if (dialect.adjacentStrings === 'space') return true;
    if (dialect.adjacentStrings === 'never') return false;
    tokens.steps += start - tokens.end(last);
    return scan.hasNewline(sql, tokens.end(last), start);
  }

  protected quotedName(start: number, quoteAt: number, quote: number): number {
    const { sql, dialect, tokens } = this;
    const end =
      quote === openBracket
        ? scan.scanBracketed(sql, quoteAt + 1, dialect.hashNames)
        : scan.scanQuoted(sql, quoteAt + 1, quote, false, dialect.generic, this.table);
    if (end === UNREADABLE) return UNREADABLE;
    if (dialect.doubleQuoteIsGuess && quote === doubleQuote && this.isMisspeltString(end)) {
      tokens.push(STRING, 0, start, end);
      this.stringContinues = false;
    } else tokens.push(NAME, 0, start, end);
    return end;
  }

  // SQLite reads `name = "x"` as a string when no column is called x. A column there would be qualified: "t"."x".
  private isMisspeltString(end: number): boolean {
    const { tokens } = this;
    if (this.sql.charCodeAt(end) === dot) return false;
    const last = tokens.count - 1;
    const symbol = tokens.symbol(last);
    const keyword = tokens.keyword(last);
    if (symbol === dot) return false;
    return (
      symbol === 61 || symbol === 60 || symbol === 62 || keyword === K.like || keyword === K.glob || this.valueZone > 0
    );
  }

  protected symbol(unit: number, start: number): number {
    const { tokens } = this;
    // A word before a dot is a qualifier, whatever else it may mean: `date.id`, `values.a`.
    const last = tokens.count - 1;
    if (unit === dot && tokens.kind(last) === WORD && tokens.end(last) === start) tokens.codes[last] = 0;
    tokens.push(SYMBOL, unit, start, start + 1);
    return start + 1;
  }

  /** Whether the last token, glued to `start`, is a name that a dot would qualify: `t.5` is no number. */
  protected isQualifier(start: number): boolean {
    const { tokens } = this;
    const last = tokens.count - 1;
    if (tokens.end(last) !== start) return false;
    const kind = tokens.kind(last);
    return kind === NAME || (kind === SYMBOL || kind === WORD ? endsOperand(tokens, last) : false);
  }
}
