import { dialectOf } from '../../sql/dialect.ts';
import { K } from '../../sql/keywords.ts';
import { lex } from '../../sql/lexer.ts';
import { TokenList } from '../../sql/token-list.ts';

/** A change of the text: what stands from `start` to `end` becomes `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const postgresql = dialectOf('postgresql');
const openParenthesis = 40;
const closeParenthesis = 41;

/** The text under a parse tree: finds the token at a node's location, and applies changes without touching the rest. */
export class SourceText {
  readonly tokens = new TokenList();
  readonly sql: string;
  private readonly indexAt: ReadonlyMap<number, number>;

  constructor(sql: string) {
    this.sql = sql;
    lex(sql, postgresql, this.tokens);
    // Locations are bytes of the text in UTF-8, tokens start at UTF-16 units.
    const byteOfToken = new Map<number, number>();
    let bytes = 0;
    for (let i = 0, at = 0; i < this.tokens.count; at = this.tokens.start(i++)) {
      bytes += Buffer.byteLength(sql.slice(at, this.tokens.start(i)));
      byteOfToken.set(bytes, i);
    }
    this.indexAt = byteOfToken;
  }

  /** False if the text could not be split into tokens to its end. */
  get isReadable(): boolean {
    return this.tokens.complete;
  }

  /** The index of the token that starts at a node's location, in bytes; -1 if none does. */
  tokenAt(location: number | undefined): number {
    return this.indexAt.get(location ?? 0) ?? -1;
  }

  /** The text from token `first` to token `last`. */
  textOf(first: number, last: number): string {
    return this.sql.slice(this.tokens.start(first), this.tokens.end(last));
  }

  /** The index of the FROM before token `before` that stands in no parentheses; -1 if there is none. */
  fromBefore(before: number): number {
    const { tokens } = this;
    let depth = 0;
    let found = -1;
    for (let i = 0; i < before; i++) {
      const symbol = tokens.symbol(i);
      if (symbol === openParenthesis) depth++;
      else if (symbol === closeParenthesis) depth--;
      else if (depth === 0 && tokens.keyword(i) === K.from) found = i;
    }
    return found;
  }

  /** The text after `edits`, which do not overlap. */
  edited(edits: readonly Edit[]): string {
    return edits
      .toSorted((a, b) => b.start - a.start)
      .reduce((sql, { start, end, text }) => sql.slice(0, start) + text + sql.slice(end), this.sql);
  }
}
