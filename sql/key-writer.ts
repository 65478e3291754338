import type { TokenList } from './token-list.ts';

const initialCapacity = 1024;
/** A larger buffer is given back after use. */
const keptCapacity = 65_536;

const space = 32;
const question = 63;
const semicolon = 59;
const doubleQuote = 34;

/**
 * Writes the canonical form of a statement, the text under its fingerprint: tokens with one space before each, names in
 * lower case unless they are quoted, every value `?`. One buffer serves all statements.
 */
export class KeyWriter {
  length = 0;
  private units = new Uint16Array(initialCapacity);

  clear(): void {
    this.length = 0;
    if (this.units.length > keptCapacity) this.units = new Uint16Array(initialCapacity);
  }

  value(): void {
    this.symbol(question);
  }

  symbol(unit: number): void {
    this.reserve(2);
    this.units[this.length++] = space;
    this.units[this.length++] = unit;
  }

  /** A word, or any token that is no value: ASCII capitals are folded, as databases do. */
  word(sql: string, start: number, end: number): void {
    this.reserve(end - start + 1);
    const { units } = this;
    let at = this.length;
    units[at++] = space;
    for (let i = start; i < end; i++) {
      const unit = sql.charCodeAt(i);
      units[at++] = unit >= 65 && unit <= 90 ? unit | 32 : unit;
    }
    this.length = at;
  }

  /** A quoted name. Quotes that change nothing are dropped; the others become double quotes, whichever they were. */
  name(sql: string, tokens: TokenList, i: number): void {
    const end = tokens.end(i) - 1;
    let start = tokens.start(i) + 1;
    // U&"name"
    if ((sql.charCodeAt(start - 1) | 32) === 117) start += 2;
    if (isNeedlesslyQuoted(sql, start, end)) {
      this.word(sql, start, end);
      return;
    }
    this.symbol(doubleQuote);
    this.reserve(end - start + 1);
    for (let j = start; j < end; j++) this.units[this.length++] = sql.charCodeAt(j);
    this.units[this.length++] = doubleQuote;
  }

  /** Whether what was written from `start` on equals what stands from `otherStart` to `otherEnd`. */
  repeats(start: number, otherStart: number, otherEnd: number): boolean {
    if (this.length - start !== otherEnd - otherStart) return false;
    for (let i = 0; i < otherEnd - otherStart; i++) {
      if (this.units[start + i] !== this.units[otherStart + i]) return false;
    }
    return true;
  }

  /** The key written since `clear`, without semicolons at its end. */
  toString(): string {
    let { length } = this;
    while (length >= 2 && this.units[length - 1] === semicolon && this.units[length - 2] === space) length -= 2;
    return Buffer.from(this.units.buffer, 0, length * 2).toString('utf16le');
  }

  private reserve(count: number): void {
    if (this.length + count <= this.units.length) return;
    const { units } = this;
    this.units = new Uint16Array(Math.max(units.length * 2, this.length + count));
    this.units.set(units);
  }
}

function isNeedlesslyQuoted(sql: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const unit = sql.charCodeAt(i);
    // Beyond ASCII nothing is folded, and every unit may stand in a name without quotes.
    const isLetter = (unit >= 97 && unit <= 122) || unit === 95 || unit > 127;
    if (!isLetter && (i === start || ((unit < 48 || unit > 57) && unit !== 36))) return false;
  }
  return end > start;
}
