/** An unquoted word: a keyword or a name. */
export const WORD = 1;
/** A quoted name. */
export const NAME = 2;
export const NUMBER = 3;
export const STRING = 4;
/** `$1`, `:a`, `@p`, `%s`, `%(a)s`, `?1`: kept in the text as it stands. */
export const PLACEHOLDER = 5;
/** A single `?`: a placeholder, a literal that was replaced before, or PostgreSQL's jsonb operator. */
export const QUESTION = 6;
/** One character that is an operator or punctuation (and `::`, which is two). */
export const SYMBOL = 7;
/** `@@name`. */
export const VARIABLE = 8;
/** A word that stands for a value: TRUE, FALSE, the name of a savepoint. Set by `readStatements`. */
export const VALUE_WORD = 9;

const initialCapacity = 256;
/** Arrays larger than this are given back after use: one 1 MB statement should not stay in memory for ever. */
const keptCapacity = 16_384;

/** The tokens of one statement text as parallel arrays, reused from statement to statement so that lexing allocates nothing. */
export class TokenList {
  count = 0;
  /** False when the lexer stopped before the end: unterminated, unlexable or ambiguous. Tokens up to there are kept. */
  complete = true;
  /** Characters and tokens looked at so far, by all passes. Tests hold it to 4 x length. */
  steps = 0;
  kinds = new Uint8Array(initialCapacity);
  /** Keyword code of a WORD; 0 for a name. For a SYMBOL, the character. */
  codes = new Uint8Array(initialCapacity);
  starts = new Int32Array(initialCapacity);
  ends = new Int32Array(initialCapacity);

  clear(): void {
    this.count = 0;
    this.complete = true;
    this.steps = 0;
    if (this.kinds.length > keptCapacity) this.resize(initialCapacity);
  }

  push(kind: number, code: number, start: number, end: number): void {
    const i = this.count++;
    if (i === this.kinds.length) this.resize(i * 2);
    this.kinds[i] = kind;
    this.codes[i] = code;
    this.starts[i] = start;
    this.ends[i] = end;
  }

  /** The kind of token `i`; 0 outside of the list. */
  kind(i: number): number {
    return i >= 0 && i < this.count ? (this.kinds[i] ?? 0) : 0;
  }

  /** The keyword code of token `i`; 0 if it is no keyword or outside of the list. */
  keyword(i: number): number {
    return this.kind(i) === WORD ? (this.codes[i] ?? 0) : 0;
  }

  /** The character of token `i` if it is a symbol; 0 otherwise. */
  symbol(i: number): number {
    return this.kind(i) === SYMBOL ? (this.codes[i] ?? 0) : 0;
  }

  start(i: number): number {
    return this.starts[i] ?? 0;
  }

  end(i: number): number {
    return this.ends[i] ?? 0;
  }

  private resize(capacity: number): void {
    const { kinds, codes, starts, ends } = this;
    this.kinds = new Uint8Array(capacity);
    this.codes = new Uint8Array(capacity);
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    if (capacity <= kinds.length) return;
    this.kinds.set(kinds);
    this.codes.set(codes);
    this.starts.set(starts);
    this.ends.set(ends);
  }
}
