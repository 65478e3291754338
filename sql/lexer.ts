import { classOf, DIGIT, isCurrency, SPACE, WORD_START } from './char-class.ts';
import type { Dialect } from './dialect.ts';
import { K } from './keywords.ts';
import { PlaceholderReader } from './placeholder-reader.ts';
import * as scan from './scan.ts';
import { UNREADABLE } from './scan.ts';
import type { TokenList } from './token-list.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const openBracket = 91;
const closeBracket = 93;
const backtick = 96;
const singleQuote = 39;
const doubleQuote = 34;
const dot = 46;
const colon = 58;
const minus = 45;
const slash = 47;
const hash = 35;

const symbols = new Set([...'()[]{},;.=<>+-*/%~^|&!@:#'].map((character) => character.charCodeAt(0)));

/**
 * Splits `sql` into `tokens` in one pass. Comments and white space are dropped, a sign is joined to its number.
 * Stops at whatever is unterminated, unlexable or, in the generic dialect, ambiguous: `tokens.complete` is then false.
 */
export function lex(sql: string, dialect: Dialect, tokens: TokenList): void {
  tokens.clear();
  new Lexer(sql, dialect, tokens).run();
}

class Lexer extends PlaceholderReader {
  run(): void {
    const { sql, table, tokens } = this;
    const length = sql.length;
    let i = 0;
    while (i < length) {
      const start = i;
      const unit = sql.charCodeAt(i);
      const unitClass = classOf(unit, table);
      if ((unitClass & SPACE) !== 0) i++;
      else if ((unitClass & WORD_START) !== 0) i = this.word(start);
      else if ((unitClass & DIGIT) !== 0) i = this.number(start, start);
      else i = this.other(unit, start);
      if (i === UNREADABLE) {
        tokens.complete = false;
        return;
      }
      tokens.steps += i - start;
    }
  }

  private other(unit: number, start: number): number {
    const { sql, dialect, tokens } = this;
    const next = sql.charCodeAt(start + 1);
    switch (unit) {
      case singleQuote:
        return this.string(start, start, dialect.backslashEscapes);
      case doubleQuote:
        if (dialect.doubleQuoteIsString) return this.string(start, start, dialect.backslashEscapes);
        return this.quotedName(start, start, doubleQuote);
      case backtick:
        return dialect.backtickNames ? this.quotedName(start, start, backtick) : UNREADABLE;
      case openBracket:
        if (dialect.bracketNames) return this.quotedName(start, start, openBracket);
        this.bracketDepth++;
        return this.symbol(unit, start);
      case closeBracket:
        this.bracketDepth--;
        return this.symbol(unit, start);
      case openParenthesis:
        if (this.valueZone === 0 && tokens.keyword(tokens.count - 1) === K.in) this.valueZone = 1;
        return this.symbol(unit, start);
      case closeParenthesis:
        if (this.valueZone === 1) this.valueZone = 0;
        return this.symbol(unit, start);
      case dot:
        return scan.isDigit(next) && !this.isQualifier(start) ? this.number(start, start) : this.symbol(unit, start);
      case 36:
        return this.dollar(start, next);
      case 64:
        return this.at(start, next);
      case colon:
        return this.colon(start, next);
      case 63:
        return this.question(start, next);
      case 37:
        return this.percent(start, next);
      case minus:
        return next === minus ? this.dashes(start) : this.symbol(unit, start);
      case slash:
        if (next !== 42) return this.symbol(unit, start);
        return scan.scanBlockComment(sql, start, dialect.nestedComments, dialect.generic);
      case hash:
        if (dialect.hashComments) return scan.scanLineComment(sql, start, false, false);
        return dialect.generic ? UNREADABLE : this.symbol(unit, start);
      default:
        if (isCurrency(unit) && (scan.isDigit(next) || next === dot)) return this.number(start, start + 1);
        return symbols.has(unit) ? this.symbol(unit, start) : UNREADABLE;
    }
  }

  private dashes(start: number): number {
    const { sql, dialect } = this;
    const after = start + 2 < sql.length ? sql.charCodeAt(start + 2) : 32;
    const spaced = after <= 32;
    if (dialect.dashNeedsSpace && !spaced) {
      // `--/* … */ 5` and `----`: two minus signs here, a comment as soon as the text is written again with a space.
      const clear = after !== minus && after !== slash && after !== hash && (classOf(after, this.table) & SPACE) === 0;
      return clear ? this.symbol(minus, start) : UNREADABLE;
    }
    // MySQL would go on reading after `--x`: its text would be dropped here and its quotes miscounted.
    if (dialect.generic && !spaced) return UNREADABLE;
    return scan.scanLineComment(sql, start, dialect.postgresOperators, dialect.generic);
  }
}
