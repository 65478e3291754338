import type { TokenList } from './token-list.ts';

/** The longest text of a statement, in characters. A longer one is cut after a token and ends in `...`. */
export const maxTextLength = 8192;

const cutMark = '...';

/**
 * Writes the text that may be shown: tokens as they stand, `?` for literals, comments and runs of white space as one
 * space. Stretches that change nothing are copied at once, so that a parameterised statement costs next to nothing.
 */
export class TextWriter {
  /** The text did not fit. */
  isCut = false;
  private text = '';
  /** The stretch of `sql` that is written as it stands but not yet copied; empty if the ends are equal. */
  private from = 0;
  private to = 0;
  private isEmpty = true;
  private readonly sql: string;
  private readonly tokens: TokenList;

  constructor(sql: string, tokens: TokenList) {
    this.sql = sql;
    this.tokens = tokens;
  }

  /** Writes token `i` as it stands. */
  keep(i: number): void {
    const start = this.tokens.start(i);
    const end = this.tokens.end(i);
    if (this.isCut || !this.fits(end - start)) return;
    this.gapBefore(i, start);
    this.to = end;
  }

  /** Writes `?` in place of tokens `i` to `last`. */
  replace(i: number, last: number): void {
    if (this.isCut || !this.fits(1)) return;
    const start = this.tokens.start(i);
    this.gapBefore(i, start);
    this.flush();
    this.text += '?';
    this.from = this.to = this.tokens.end(last);
  }

  /** Writes nothing for tokens up to `last`; what follows is glued to what was written. */
  skipTo(last: number): void {
    if (this.isCut) return;
    this.flush();
    this.from = this.to = this.tokens.end(last);
  }

  finish(): string {
    this.flush();
    return this.isCut ? this.text + cutMark : this.text;
  }

  private gapBefore(i: number, start: number): void {
    if (this.isEmpty) {
      this.isEmpty = false;
      this.from = this.to = start;
      return;
    }
    if (start === this.to) return;
    if (start - this.to === 1 && this.sql.charCodeAt(this.to) === 32) {
      this.to = start;
      return;
    }
    this.flush();
    this.text += ' ';
    this.from = this.to = start;
  }

  private fits(length: number): boolean {
    if (this.text.length + this.to - this.from + 1 + length <= maxTextLength - cutMark.length) return true;
    this.isCut = true;
    return false;
  }

  private flush(): void {
    if (this.to > this.from) this.text += this.sql.slice(this.from, this.to);
    this.from = this.to;
  }
}
