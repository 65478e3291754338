import { NAME, type TokenList } from './token-list.ts';

/** The longest `db.query.summary` of the semantic conventions, in characters. */
const maxSummaryLength = 255;

/** Names from WITH beyond this count may appear as tables. */
const maxCommonTables = 64;

/** Collects `SELECT SELECT orders customers`: operations and targets in order of appearance, in their original case. */
export class SummaryBuilder {
  text = '';
  /** The tables as they stand in `text`, each once. */
  readonly tables: string[] = [];
  private isFull = false;
  private commonTables: string[] | undefined;
  private readonly sql: string;
  private readonly tokens: TokenList;

  constructor(sql: string, tokens: TokenList) {
    this.sql = sql;
    this.tokens = tokens;
  }

  get isEmptyOfTables(): boolean {
    return this.tables.length === 0;
  }

  /** Adds the words from token `from` to before token `to`: one operation. */
  addWords(from: number, to: number): void {
    for (let i = from; i < to; i++) this.add(this.sql.slice(this.tokens.start(i), this.tokens.end(i)));
  }

  /** Adds the name that stands from token `from` to token `to`, unless a WITH clause has defined it. */
  addTarget(from: number, to: number, isTable: boolean): void {
    if (this.isFull) return;
    let name = this.part(from);
    for (let i = from + 1; i <= to; i++) name += this.part(i);
    if (from === to && this.commonTables?.includes(name.toLowerCase())) return;
    if (this.add(name) && isTable && !this.tables.includes(name)) this.tables.push(name);
  }

  /** From here on the name at token `i` is no table. */
  addCommonTable(i: number): void {
    if (this.isFull || (this.commonTables?.length ?? 0) >= maxCommonTables) return;
    (this.commonTables ??= []).push(this.part(i).toLowerCase());
  }

  private add(word: string): boolean {
    if (this.isFull) return false;
    const length = this.text.length === 0 ? word.length : this.text.length + 1 + word.length;
    if (length > maxSummaryLength) {
      this.isFull = true;
      return false;
    }
    this.text += this.text.length === 0 ? word : ` ${word}`;
    return true;
  }

  private part(i: number): string {
    const start = this.tokens.start(i);
    const end = this.tokens.end(i);
    const isQuoted = this.tokens.kind(i) === NAME && isPlainName(this.sql, start + 1, end - 1);
    return isQuoted ? this.sql.slice(start + 1, end - 1) : this.sql.slice(start, end);
  }
}

// Quotes are dropped where the name reads well without them, so that `"Users"` and `Users` look alike.
function isPlainName(sql: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const unit = sql.charCodeAt(i);
    const isLetter = (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 95 || unit > 127;
    if (!isLetter && (i === start || unit < 48 || unit > 57)) return false;
  }
  return end > start;
}
