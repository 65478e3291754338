import { classOf, DIGIT, WORD_PART } from './char-class.ts';

/** What a scan returns in place of an end when the text stops too early, or could be read in two ways. */
export const UNREADABLE = -1;

const backslash = 92;
const newline = 10;
const carriageReturn = 13;

/**
 * The end of a string or quoted name whose opening quote is before `from`; a doubled quote is content.
 * `strict`: a backslash before a quote makes it unreadable, for dialects that are not known.
 */
export function scanQuoted(
  sql: string,
  from: number,
  quote: number,
  escapes: boolean,
  strict: boolean,
  table: Uint8Array,
): number {
  const length = sql.length;
  for (let i = from; i < length; i++) {
    const unit = sql.charCodeAt(i);
    if (unit === quote) {
      if (sql.charCodeAt(i + 1) === quote) i++;
      else {
        // `'it\'s'` sent to a database without backslash escapes: the rest of the value would be read as names.
        const suspicious = !escapes && i > from && sql.charCodeAt(i - 1) === backslash;
        const glued = suspicious && i + 1 < length && (classOf(sql.charCodeAt(i + 1), table) & WORD_PART) !== 0;
        return glued ? UNREADABLE : i + 1;
      }
    } else if (unit === backslash) {
      if (escapes) i++;
      else if (strict && sql.charCodeAt(i + 1) === quote) return UNREADABLE;
    }
  }
  return UNREADABLE;
}

/** The end of `[name]` whose bracket is before `from`. */
export function scanBracketed(sql: string, from: number, doubling: boolean): number {
  for (let i = from; i < sql.length; i++) {
    if (sql.charCodeAt(i) !== 93) continue;
    if (!doubling || sql.charCodeAt(i + 1) !== 93) return i + 1;
    i++;
  }
  return UNREADABLE;
}

/** The end of a block comment that opens at `from`. `strict`: one inside another is unreadable, as databases disagree. */
export function scanBlockComment(sql: string, from: number, nested: boolean, strict: boolean): number {
  let depth = 1;
  for (let i = from + 2; i < sql.length - 1; i++) {
    const unit = sql.charCodeAt(i);
    if (unit === 42 && sql.charCodeAt(i + 1) === 47) {
      i++;
      depth--;
      if (depth === 0) return i + 1;
    } else if (unit === 47 && sql.charCodeAt(i + 1) === 42) {
      if (strict) return UNREADABLE;
      if (nested) {
        i++;
        depth++;
      }
    }
  }
  return UNREADABLE;
}

/** The end of a line comment: before the newline, or the end of the text. PostgreSQL also ends it at a bare return. */
export function scanLineComment(sql: string, from: number, returnEnds: boolean, strict: boolean): number {
  let i = from;
  for (; i < sql.length; i++) {
    const unit = sql.charCodeAt(i);
    if (unit === newline) return i;
    if (unit === carriageReturn && sql.charCodeAt(i + 1) !== newline) {
      if (returnEnds) return i;
      if (strict) return UNREADABLE;
    }
  }
  return i;
}

/**
 * The end of a number that starts at `from` with a digit or a dot: 12, 1_000, .5, 5., 1e-3, 0x1F, 0o17, 0b11.
 * Letters glued to it are taken along (`12abc`): no database reads them as a value we may show.
 */
export function scanNumber(sql: string, from: number, table: Uint8Array): number {
  let i = scanWordPart(sql, from, table, true);
  const radix = sql.charCodeAt(from) === 48 ? sql.charCodeAt(from + 1) | 32 : 0;
  if (radix === 120 || radix === 111 || radix === 98) return scanWordPart(sql, from, table, false);
  if (sql.charCodeAt(i) === 46) i = scanWordPart(sql, i + 1, table, true);
  if ((sql.charCodeAt(i) | 32) === 101) {
    const sign = sql.charCodeAt(i + 1);
    const digitAt = sign === 43 || sign === 45 ? i + 2 : i + 1;
    if (isDigit(sql.charCodeAt(digitAt))) i = digitAt;
  }
  return scanWordPart(sql, i, table, false);
}

/** The end of a run of word characters; of digits and underscores if `digitsOnly`. */
export function scanWordPart(sql: string, from: number, table: Uint8Array, digitsOnly: boolean): number {
  let i = from;
  for (; i < sql.length; i++) {
    const unit = sql.charCodeAt(i);
    if (digitsOnly ? !isDigit(unit) && unit !== 95 : (classOf(unit, table) & WORD_PART) === 0) break;
  }
  return i;
}

// Bounds the search for the closing delimiter: a long repetitive needle would make it quadratic.
const longestDollarTag = 64;

/** The end of a dollar-quoted string whose first dollar is at `from`; `from` itself if no such string starts here. */
export function scanDollarQuoted(sql: string, from: number, table: Uint8Array): number {
  let i = from + 1;
  for (; i < sql.length; i++) {
    const unit = sql.charCodeAt(i);
    if (unit === 36) break;
    const unitClass = classOf(unit, table);
    if ((unitClass & WORD_PART) === 0 || (i === from + 1 && (unitClass & DIGIT) !== 0)) return from;
    if (i - from > longestDollarTag) return UNREADABLE;
  }
  if (i >= sql.length) return from;
  const delimiter = sql.slice(from, i + 1);
  const close = sql.indexOf(delimiter, i + 1);
  return close === -1 ? UNREADABLE : close + delimiter.length;
}

/** Whether a newline stands between `from` and `to`. */
export function hasNewline(sql: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const unit = sql.charCodeAt(i);
    if (unit === newline || unit === carriageReturn) return true;
  }
  return false;
}

export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}
