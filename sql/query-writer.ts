import { KeyedHasher } from '../core/keyed-hash.ts';
import { KeyWriter } from './key-writer.ts';
import { K } from './keywords.ts';
import { isLiteral, isValue, type LiteralList, readLiteralList } from './literal-list.ts';
import { endsOperand } from './operand.ts';
import { TextWriter } from './text-writer.ts';
import { NAME, PLACEHOLDER, QUESTION, SYMBOL, type TokenList, WORD } from './token-list.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const openBracket = 91;
const comma = 44;

const key = new KeyWriter();
const hasher = new KeyedHasher();

/** Writes the text, the key and the hash of the literals in one walk over the tokens of a statement. */
export class QueryWriter {
  literalCount = 0;
  parameterCount = 0;
  /** Elements of the longest list that is one `?` in the key, or rows of VALUES. */
  listSize = 0;
  private readonly sql: string;
  private readonly tokens: TokenList;
  private readonly text: TextWriter;
  /** `?` after an operand is an operator. */
  private readonly postgresOperators: boolean;

  private readonly list: LiteralList = { open: -1, isFound: false, end: 0, isPure: true, length: 0 };
  private depth = 0;
  /** The depth at which the rows of VALUES stand; -1 outside of VALUES. */
  private rowsDepth = -1;
  /** Where the row that is open, and the one before it, start and end in the key; -1 if there is none. */
  private rowStart = -1;
  private previousRowStart = -1;
  private previousRowEnd = -1;
  private rowCount = 0;
  /** The row before was of literals alone: the text shows one of them. */
  private previousRowIsPure = false;

  constructor(sql: string, tokens: TokenList, postgresOperators: boolean) {
    this.sql = sql;
    this.tokens = tokens;
    this.text = new TextWriter(sql, tokens);
    this.postgresOperators = postgresOperators;
    key.clear();
    hasher.reset();
  }

  run(): void {
    const { tokens } = this;
    for (let i = 0; i < tokens.count;) {
      const next = this.token(i);
      tokens.steps += next - i;
      i = next;
    }
  }

  get canonicalText(): string {
    return key.toString();
  }

  get isCut(): boolean {
    return this.text.isCut;
  }

  get literalsHash(): number {
    return this.literalCount === 0 ? 0 : hasher.digest();
  }

  finishText(): string {
    return this.text.finish();
  }

  private token(i: number): number {
    const { sql, tokens, text } = this;
    const kind = tokens.kinds[i] ?? 0;
    if (kind === SYMBOL) return this.symbol(i);
    if (isValue(kind)) {
      this.countValue(i, kind);
      key.value();
      if (isLiteral(kind)) text.replace(i, i);
      else text.keep(i);
      return i + 1;
    }
    if (kind === NAME) key.name(sql, tokens, i);
    else key.word(sql, tokens.start(i), tokens.end(i));
    text.keep(i);
    if (kind === WORD) this.enterOrLeaveValues(i);
    return i + 1;
  }

  private enterOrLeaveValues(i: number): void {
    const code = this.tokens.keyword(i);
    if (code === K.values) {
      this.rowsDepth = this.depth;
      this.rowStart = this.previousRowStart = -1;
      this.previousRowIsPure = false;
      this.rowCount = 0;
    } else if (this.depth <= this.rowsDepth && code !== K.row) this.rowsDepth = -1;
  }

  private symbol(i: number): number {
    const { sql, tokens, text, list } = this;
    const symbol = tokens.symbol(i);
    const previous = tokens.keyword(i - 1);
    if (symbol === openParenthesis) {
      if (this.isRowStart(i, previous)) {
        this.rowStart = key.length;
        this.countRow();
        if (readLiteralList(tokens, i, list)) return this.literalRow(i, list.end, list.isPure);
      } else if (previous === K.in && readLiteralList(tokens, i, list)) return this.literalList(i, list.end);
      this.depth++;
    } else if (symbol === openBracket && previous === K.array && readLiteralList(tokens, i, list)) {
      return this.literalList(i, list.end);
    } else if (symbol === comma && this.depth === this.rowsDepth && this.previousRowIsPure) {
      const open = tokens.keyword(i + 1) === K.row ? i + 2 : i + 1;
      if (tokens.symbol(open) === openParenthesis && readLiteralList(tokens, open, list) && list.isPure) {
        // In the key this row equals the one before; in the text as well once its literals are `?`.
        this.values(open, list.end, false);
        this.countRow();
        text.skipTo(list.end);
        return list.end + 1;
      }
    }
    key.word(sql, tokens.start(i), tokens.end(i));
    text.keep(i);
    if (symbol === closeParenthesis) {
      this.depth--;
      if (this.depth === this.rowsDepth && this.rowStart >= 0) {
        this.endRow();
        this.previousRowIsPure = false;
      } else if (this.depth < this.rowsDepth) this.rowsDepth = -1;
    }
    return i + 1;
  }

  private countRow(): void {
    if (++this.rowCount > this.listSize) this.listSize = this.rowCount;
  }

  private isRowStart(i: number, previous: number): boolean {
    if (this.depth !== this.rowsDepth) return false;
    if (previous === K.values || previous === K.row) return true;
    return this.tokens.symbol(i - 1) === comma;
  }

  // `IN (1, 2, 3)`: one `?` in the key; in the text as well, unless there are placeholders in it.
  private literalList(open: number, close: number): number {
    const { tokens, text } = this;
    key.symbol(tokens.symbol(open));
    key.value();
    key.symbol(tokens.symbol(close));
    const { isPure, length } = this.list;
    if (length > this.listSize) this.listSize = length;
    text.keep(open);
    if (isPure) text.replace(open + 1, close - 1);
    this.values(open, close, !isPure);
    text.keep(close);
    return close + 1;
  }

  private literalRow(open: number, close: number, isPure: boolean): number {
    const { text } = this;
    key.symbol(openParenthesis);
    key.value();
    key.symbol(closeParenthesis);
    this.endRow();
    text.keep(open);
    this.values(open, close, true);
    text.keep(close);
    this.previousRowIsPure = isPure;
    return close + 1;
  }

  // Rows of one form, however many, are one in the key: a bulk insert of 10 and one of 500 are the same statement.
  private endRow(): void {
    const { rowStart, previousRowStart, previousRowEnd } = this;
    this.rowStart = -1;
    if (previousRowStart >= 0 && key.repeats(rowStart, previousRowStart, previousRowEnd)) {
      key.length = previousRowEnd;
      return;
    }
    this.previousRowStart = rowStart;
    this.previousRowEnd = key.length;
  }

  /** Counts the values between two brackets, and writes them to the text if `isWritten`. */
  private values(open: number, close: number, isWritten: boolean): void {
    const { tokens, text } = this;
    for (let i = open + 1; i < close; i++) {
      const kind = tokens.kinds[i] ?? 0;
      const isEmptyValue = tokens.keyword(i) === K.null || tokens.keyword(i) === K.default;
      if (isValue(kind) || isEmptyValue) this.countValue(i, kind);
      if (!isWritten) continue;
      if (isLiteral(kind)) text.replace(i, i);
      else text.keep(i);
    }
  }

  private countValue(i: number, kind: number): void {
    const { tokens } = this;
    if (kind === PLACEHOLDER) this.parameterCount++;
    else if (kind === QUESTION) {
      if (!this.postgresOperators || !endsOperand(tokens, i - 1)) this.parameterCount++;
    } else {
      this.literalCount++;
      hasher.add(kind);
      hasher.addText(this.sql, tokens.start(i), tokens.end(i));
    }
  }
}
