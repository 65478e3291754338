import { classOf, WORD_PART, WORD_START } from './char-class.ts';
import { endsOperand } from './operand.ts';
import * as scan from './scan.ts';
import { UNREADABLE } from './scan.ts';
import { PLACEHOLDER, QUESTION, STRING, SYMBOL, VARIABLE } from './token-list.ts';
import { TokenReader } from './token-reader.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const dot = 46;
const colon = 58;

/** `$7`, `:7`, `@7`: with more digits than any database has placeholders, it is taken for a literal. */
const longestPlaceholderDigits = 5;

/** Tells placeholders (`$1 ? ?1 :a :1 @p %s %(a)s`) from the operators and literals that start with the same character. */
export class PlaceholderReader extends TokenReader {
  /** How many `[` are open: `a[1:n]` is a slice. */
  protected bracketDepth = 0;

  protected dollar(start: number, next: number): number {
    const { sql, dialect, table, tokens } = this;
    if (scan.isDigit(next) || next === dot) {
      if (dialect.dollarMoney || next === dot) return this.number(start, start + 1);
      const end = scan.scanWordPart(sql, start + 1, table, false);
      const decimals = dialect.generic && sql.charCodeAt(end) === dot;
      if (decimals || end - start - 1 > longestPlaceholderDigits) return this.number(start, start + 1);
      tokens.push(PLACEHOLDER, 0, start, end);
      return end;
    }
    if (dialect.dollarQuotes) {
      const end = scan.scanDollarQuoted(sql, start, table);
      if (end !== start) {
        if (end !== UNREADABLE) tokens.push(STRING, 0, start, end);
        this.stringContinues = false;
        return end;
      }
    }
    if ((classOf(next, table) & WORD_START) === 0) return UNREADABLE;
    return this.placeholder(start, start + 1);
  }

  protected at(start: number, next: number): number {
    const { sql, dialect, table, tokens } = this;
    const nextClass = classOf(next, table);
    if (next === 64) {
      if (dialect.postgresOperators || (classOf(sql.charCodeAt(start + 2), table) & WORD_START) === 0)
        return this.symbol(64, start);
      const end = scan.scanWordPart(sql, start + 2, table, false);
      tokens.push(VARIABLE, 0, start, end);
      return end;
    }
    // The second character of `@@name`, in PostgreSQL: text search, not a placeholder.
    const last = tokens.count - 1;
    if (tokens.symbol(last) === 64 && tokens.end(last) === start) return this.symbol(64, start);
    if ((nextClass & WORD_START) !== 0) return this.placeholder(start, start + 1);
    return this.numbered(64, start, !dialect.postgresOperators);
  }

  protected colon(start: number, next: number): number {
    const { tokens, dialect } = this;
    if (next === colon) {
      tokens.push(SYMBOL, colon, start, start + 2);
      return start + 2;
    }
    const afterOperand = endsOperand(tokens, tokens.count - 1);
    const slice = afterOperand && this.bracketDepth > 0;
    if ((classOf(next, this.table) & WORD_START) !== 0 && !slice) return this.placeholder(start, start + 1);
    return this.numbered(colon, start, !dialect.postgresOperators && this.bracketDepth === 0);
  }

  // `:1` and `@1` where an operand is expected; `a[1:2]`, `{a:1}` and `@ 5` are operators with literals.
  private numbered(unit: number, start: number, allowed: boolean): number {
    const { sql, table, tokens } = this;
    if (!allowed || !scan.isDigit(sql.charCodeAt(start + 1)) || endsOperand(tokens, tokens.count - 1))
      return this.symbol(unit, start);
    const end = scan.scanWordPart(sql, start + 1, table, false);
    if (end - start - 1 > longestPlaceholderDigits || sql.charCodeAt(end) === dot) return this.symbol(unit, start);
    tokens.push(PLACEHOLDER, 0, start, end);
    return end;
  }

  protected question(start: number, next: number): number {
    const { sql, table, tokens } = this;
    if (this.dialect.numberedQuestionMarks && scan.isDigit(next)) {
      const end = scan.scanWordPart(sql, start + 1, table, false);
      if (end - start - 1 <= longestPlaceholderDigits) {
        tokens.push(PLACEHOLDER, 0, start, end);
        return end;
      }
    }
    tokens.push(QUESTION, 0, start, start + 1);
    return start + 1;
  }

  protected percent(start: number, next: number): number {
    const { sql, table, tokens } = this;
    if (endsOperand(tokens, tokens.count - 1)) return this.symbol(37, start);
    if (next === 115 && (classOf(sql.charCodeAt(start + 2), table) & WORD_PART) === 0)
      return this.placeholder(start, start + 1);
    if (next !== openParenthesis) return this.symbol(37, start);
    const nameEnd = scan.scanWordPart(sql, start + 2, table, false);
    tokens.steps += nameEnd - start;
    const closed = sql.charCodeAt(nameEnd) === closeParenthesis && sql.charCodeAt(nameEnd + 1) === 115;
    if (!closed) return this.symbol(37, start);
    tokens.push(PLACEHOLDER, 0, start, nameEnd + 2);
    return nameEnd + 2;
  }

  private placeholder(start: number, nameAt: number): number {
    const end = scan.scanWordPart(this.sql, nameAt, this.table, false);
    this.tokens.push(PLACEHOLDER, 0, start, end);
    return end;
  }
}
