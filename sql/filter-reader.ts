import type { ClauseStack } from './clause-stack.ts';
import { columnEndingAt, columnStartingAt, startsCondition } from './column-name.ts';
import { K, keywordFlags, TYPE_NAME } from './keywords.ts';
import { endsOperand } from './operand.ts';
import { NAME, NUMBER, PLACEHOLDER, QUESTION, STRING, type TokenList, WORD } from './token-list.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const openBracket = 91;
const comma = 44;
const equals = 61;
const less = 60;
const greater = 62;

/** Columns of ranges and of ORDER BY that are kept. */
export const maxPageColumns = 4;

/** What a column is compared with, from the least to the most telling. */
const NO_VALUE = 0;
const BOOLEAN = 1;
const LITERAL = 2;
const BIND_VALUE = 3;

/** `+ - * / % | & ^`: the value before it is part of an expression. */
const arithmetic = new Set([...'+-*/%|&^'].map((character) => character.charCodeAt(0)));

/**
 * Reads the conditions of one WHERE, without its subqueries: by which column does it pick the rows? A comparison with a
 * bind value counts for more than one with a literal, and that for more than one with TRUE or FALSE.
 */
export class FilterReader {
  /** The columns of the first `>` and `<` with values: where a page may start. */
  readonly rangeColumns: number[] = [];
  /** A range with a value, or BETWEEN; the other is for those that stand in no parenthesis. */
  private hasRange = false;
  private hasPlainRange = false;
  /** Each AND, less the conditions that are always true. That of a BETWEEN counts as well: it is one condition more anyway. */
  private moreConditions = 0;
  private plainDepth = 0;
  private best = NO_VALUE;
  private bestColumn = -1;
  private bestCount = 0;
  private bindValues = 0;
  /** OR, NOT or CASE: no single comparison decides. */
  private isBranched = false;
  /** The depth of the arguments or list that is open, in which nothing is a condition; -1 if none is. */
  private innerDepth = -1;
  private innerIsList = false;
  private listIsCounted = false;
  /** The parenthesis of the list that a comparison was found with. */
  private listOpen = -1;
  private readonly tokens: TokenList;
  private readonly clauses: ClauseStack;
  private readonly postgresOperators: boolean;

  constructor(tokens: TokenList, clauses: ClauseStack, postgresOperators: boolean) {
    this.tokens = tokens;
    this.clauses = clauses;
    this.postgresOperators = postgresOperators;
  }

  reset(): void {
    this.bestColumn = this.innerDepth = this.listOpen = -1;
    this.best = NO_VALUE;
    this.bestCount = this.bindValues = this.moreConditions = this.rangeColumns.length = 0;
    this.isBranched = this.innerIsList = this.listIsCounted = false;
    this.hasRange = this.hasPlainRange = false;
  }

  /** A WHERE begins. */
  start(): void {
    this.plainDepth = this.clauses.depth;
  }

  /** The token of the column that decides; -1 if none does, or several. */
  get column(): number {
    if (this.isBranched || this.bestCount !== 1) return -1;
    return this.bindValues === (this.best === BIND_VALUE ? 1 : 0) ? this.bestColumn : -1;
  }

  /** There are conditions beside the one on `column`. */
  get filtersMore(): boolean {
    return this.moreConditions > 0 && this.column !== -1;
  }

  /**
   * A range picks the rows, and no comparison with a single value does. With an OR, only a range outside of it does: `(a IS NULL OR a > $1)`
   * is a condition like others.
   */
  get picksRange(): boolean {
    return (this.isBranched ? this.hasPlainRange : this.hasRange) && (this.best <= BOOLEAN || this.column === -1);
  }

  open(i: number): void {
    // A parenthesis where a condition could start only groups.
    if (this.innerDepth !== -1 || startsCondition(this.tokens, i)) return;
    this.innerDepth = this.clauses.depth;
    this.innerIsList = i === this.listOpen;
    this.listIsCounted = false;
  }

  close(): void {
    if (this.innerDepth > this.clauses.depth) this.innerDepth = -1;
  }

  keyword(i: number, code: number): void {
    if (this.innerDepth !== -1) return;
    const { tokens } = this;
    if (code === K.and) this.moreConditions++;
    else if (code === K.or || code === K.case) this.isBranched = true;
    else if (code === K.between) {
      if (columnEndingAt(tokens, i - 1) !== -1 && this.valueAt(i + 1) >= LITERAL) this.addRange(-1);
    } else if (code === K.true) {
      if (startsCondition(tokens, i) && endsCondition(tokens, i + 1)) this.moreConditions--;
    } else if (code === K.not) {
      const next = tokens.kind(i + 1);
      const negates = next === NAME || (next === WORD && tokens.keyword(i + 1) === 0);
      if (negates || tokens.symbol(i + 1) === openParenthesis) this.isBranched = true;
    } else if (code === K.in && tokens.symbol(i + 1) === openParenthesis)
      this.compare(columnEndingAt(tokens, i - 1), i);
  }

  /** A token that is no word. */
  symbol(i: number, symbol: number): void {
    const { tokens } = this;
    if (symbol === 0) {
      const kind = tokens.kind(i);
      if (kind === PLACEHOLDER || (kind === QUESTION && !(this.postgresOperators && endsOperand(tokens, i - 1))))
        this.bindValue();
    } else if (this.innerDepth !== -1) return;
    else if (symbol === equals) this.equality(i);
    else if (symbol === less || symbol === greater) this.range(i);
  }

  private bindValue(): void {
    if (this.innerDepth !== -1 && this.innerIsList) {
      if (this.listIsCounted) return;
      this.listIsCounted = true;
    }
    this.bindValues++;
  }

  private equality(i: number): void {
    const { tokens } = this;
    // `==` of SQLite.
    const right = tokens.symbol(i + 1) === equals ? i + 2 : i + 1;
    const column = columnEndingAt(tokens, i - 1);
    if (column !== -1) this.compare(column, right);
    else if (startsCondition(tokens, i - 1)) {
      // `1=1`, which ORMs write.
      if (tokens.kind(i - 1) === NUMBER && tokens.kind(right) === NUMBER) this.moreConditions--;
      else this.count(columnStartingAt(tokens, right), this.valueAt(i - 1));
    }
  }

  private compare(column: number, right: number): void {
    if (column === -1) return;
    const code = this.tokens.keyword(right);
    const takesList = code === K.in || code === K.any || code === K.some;
    this.count(column, takesList ? this.listAt(right + 1) : this.valueAt(right));
  }

  private count(column: number, value: number): void {
    if (column === -1 || value === NO_VALUE || value < this.best) return;
    if (value === this.best) this.bestCount++;
    else {
      this.best = value;
      this.bestColumn = column;
      this.bestCount = 1;
    }
  }

  private range(i: number): void {
    const { tokens } = this;
    const right = tokens.symbol(i + 1) === equals ? i + 2 : i + 1;
    if (tokens.symbol(i - 1) === closeParenthesis) {
      const isRow = tokens.symbol(right) === openParenthesis || tokens.keyword(right) === K.row;
      if (isRow) this.rowRange(this.clauses.lastOpened + 1);
      return;
    }
    const column = columnEndingAt(tokens, i - 1);
    if (column !== -1) {
      if (this.valueAt(right) >= LITERAL) this.addRange(column);
    } else if (startsCondition(tokens, i - 1) && this.valueAt(i - 1) >= LITERAL) {
      const other = columnStartingAt(tokens, right);
      if (other !== -1) this.addRange(other);
    }
  }

  /** `(created_at, id) < ($1, $2)`, from the first token inside the parenthesis on the left. */
  private rowRange(start: number): void {
    const { tokens } = this;
    let first = start;
    for (let columns = 0; columns < maxPageColumns; columns++) {
      const column = columnStartingAt(tokens, first);
      if (column === -1) return;
      this.addRange(column);
      if (tokens.symbol(column + 1) !== comma) return;
      first = column + 2;
    }
  }

  /** Notes a range; its column, unless that is -1, may start a page. */
  private addRange(column: number): void {
    this.hasRange = true;
    if (this.clauses.depth === this.plainDepth) this.hasPlainRange = true;
    if (column !== -1 && this.rangeColumns.length < maxPageColumns) this.rangeColumns.push(column);
  }

  private listAt(open: number): number {
    const { tokens } = this;
    if (tokens.symbol(open) !== openParenthesis) return NO_VALUE;
    const isArray = tokens.keyword(open + 1) === K.array && tokens.symbol(open + 2) === openBracket;
    const value = this.valueAt(isArray ? open + 3 : open + 1);
    if (value !== NO_VALUE) this.listOpen = open;
    return value;
  }

  private valueAt(i: number): number {
    const { tokens } = this;
    if (arithmetic.has(tokens.symbol(i + 1))) return NO_VALUE;
    const kind = tokens.kind(i);
    if (kind === PLACEHOLDER || kind === QUESTION) return BIND_VALUE;
    if (kind === NUMBER || kind === STRING) return LITERAL;
    const code = tokens.keyword(i);
    if (code === K.true || code === K.false) return BOOLEAN;
    const isTyped = ((keywordFlags[code] ?? 0) & TYPE_NAME) !== 0 && tokens.kind(i + 1) === STRING;
    return isTyped ? LITERAL : NO_VALUE;
  }
}

function endsCondition(tokens: TokenList, i: number): boolean {
  return tokens.kind(i) === 0 || tokens.keyword(i) !== 0 || tokens.symbol(i) === closeParenthesis;
}
