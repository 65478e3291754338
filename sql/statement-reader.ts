import { ClauseStack } from './clause-stack.ts';
import type { Dialect } from './dialect.ts';
import {
  BEFORE_TABLE,
  CONTROL,
  ENDS_FROM,
  EXPECTS_OPERAND,
  K,
  keywordFlags,
  NAMES_ARE_VALUES,
  READ,
  WRITE,
} from './keywords.ts';
import { StatementKind } from './statement-kind.ts';
import { SummaryBuilder } from './summary.ts';
import { isBulkLoad, isListCall, takesName, takesValues } from './statement-tests.ts';
import { isComputed, isSessionCall } from './token-tests.ts';
import { NAME, type TokenList, VALUE_WORD, WORD } from './token-list.ts';
import { TraitsReader } from './traits-reader.ts';
import { TransactionEffect } from './transaction-effect.ts';

const openParenthesis = 40;
const closeParenthesis = 41;
const comma = 44;
const semicolon = 59;
const dot = 46;

/**
 * Reads the statements of one text, token by token: what they do, to which tables. On the way it marks the words that
 * stand for values (TRUE and FALSE, names of savepoints and cursors) as VALUE_WORD, for the writer that comes after.
 */
export class StatementReader {
  /** `= ANY(…)`, `unnest(…)` or a bulk load: one statement for many rows. */
  takesList = false;
  /** What the statements do. */
  readonly kind = new StatementKind();
  readonly transaction: TransactionEffect;
  readonly traits: TraitsReader;
  readonly summary: SummaryBuilder;
  private readonly sql: string;
  private readonly tokens: TokenList;
  private readonly sqlServer: boolean;

  private atStart = true;
  private first = 0;
  private sawCursor = false;
  /** The next name is a table. */
  private expecting = false;
  private readonly clauses = new ClauseStack();

  constructor(sql: string, tokens: TokenList, dialect: Dialect, summary = new SummaryBuilder(sql, tokens)) {
    this.sql = sql;
    this.tokens = tokens;
    this.sqlServer = dialect.hashNames;
    this.summary = summary;
    this.transaction = new TransactionEffect(tokens, dialect);
    this.traits = new TraitsReader(sql, tokens, this.clauses, dialect);
  }

  run(): void {
    const { tokens } = this;
    for (let i = 0; i < tokens.count;) {
      const kind = tokens.kinds[i] ?? 0;
      const next = kind === WORD || kind === NAME ? this.word(i) : this.symbol(i);
      tokens.steps += next - i;
      i = next;
    }
    this.endStatement();
  }

  private symbol(i: number): number {
    const symbol = this.tokens.symbol(i);
    if (symbol === openParenthesis) {
      // `FROM (a JOIN b …)`: the table may follow the parenthesis.
      this.clauses.open(i, this.expecting);
      this.traits.open(i);
      return i + 1;
    }
    this.expecting = false;
    if (isComputed(this.tokens, i)) this.kind.sawCall = true;
    if (symbol === closeParenthesis) {
      this.clauses.close();
      this.traits.close();
    } else if (symbol === comma) this.expecting = this.clauses.inFrom;
    else if (symbol === semicolon) this.endStatement();
    else {
      this.atStart = false;
      this.traits.symbol(i, symbol);
    }
    return i + 1;
  }

  private word(i: number): number {
    const { tokens } = this;
    const code = tokens.keyword(i);
    if (this.atStart) return this.startStatement(i, code);
    if (this.expecting) {
      const flags = keywordFlags[code] ?? 0;
      if (code === 0 || (flags & (BEFORE_TABLE | ENDS_FROM | EXPECTS_OPERAND | WRITE)) === 0) return this.target(i);
      if ((flags & BEFORE_TABLE) === 0) this.expecting = false;
    }
    if (tokens.symbol(i + 1) === openParenthesis && ((keywordFlags[code] ?? 0) & EXPECTS_OPERAND) === 0)
      this.kind.sawCall = true;
    if (code === K.any) this.takesList ||= takesValues(tokens, i + 1);
    if (code === 0) {
      if (((keywordFlags[this.first] ?? 0) & NAMES_ARE_VALUES) !== 0) this.markValue(i);
      // `SELECT 1 AS ok` is a ping; `SELECT version` and a column list that was cut before its FROM are not.
      if (tokens.keyword(i - 1) !== K.as) this.kind.sawCall = true;
      if (tokens.symbol(i + 1) === openParenthesis) this.call(i);
      if (tokens.symbol(i - 1) === closeParenthesis) this.traits.afterCall(i);
      return i + 1;
    }
    this.keyword(i, code);
    return i + 1;
  }

  private startStatement(i: number, code: number): number {
    const { tokens } = this;
    this.atStart = false;
    this.first = code;
    const flags = keywordFlags[code] ?? 0;
    const isBulk = isBulkLoad(this.sql, tokens, i);
    if (isBulk) this.takesList = true;
    this.kind.start(code);
    this.transaction.read(i, code);
    this.traits.startStatement(i, code);
    const second = tokens.keyword(i + 1);
    if (code === K.begin && this.sqlServer && second !== K.transaction && second !== K.tran) {
      // BEGIN … END is a block in Transact-SQL: the statement starts after it.
      this.atStart = second !== 0;
      if (this.atStart) return i + 1;
    }
    if (code === K.start) {
      if (second === K.transaction) {
        this.summary.addWords(i, i + 2);
        return i + 2;
      }
      this.kind.isWrite = true;
    }
    if ((flags & (WRITE | READ | CONTROL)) === 0 || code === K.with) return i + 1;
    if (code === K.create || code === K.alter || code === K.drop) return this.definition(i);
    this.summary.addWords(i, i + 1);
    if (code === K.select && isSessionCall(this.sql, tokens, i + 1)) this.kind.startSessionCall();
    this.clauses.set(code === K.select || code === K.update || code === K.delete, code === K.update);
    this.expecting = takesName(code);
    if (code === K.prepare || code === K.declare) this.markName(i + 1);
    // INSERT BULK t
    return isBulk && code === K.insert ? i + 2 : i + 1;
  }

  // CREATE [OR REPLACE] [UNIQUE] TABLE | INDEX | VIEW …: the summary names both the verb and the kind of object.
  private definition(i: number): number {
    const { tokens } = this;
    for (let j = i + 1; j < Math.min(tokens.count, i + 6); j++) {
      const code = tokens.keyword(j);
      if (code !== K.table && code !== K.view && code !== K.index) continue;
      this.summary.addWords(i, i + 1);
      this.summary.addWords(j, j + 1);
      this.expecting = code !== K.index;
      // `DROP TABLE a, b`; in `ALTER TABLE a ADD b int, ADD c int` no table follows the comma.
      this.clauses.set(false, this.first === K.drop);
      return j + 1;
    }
    this.summary.addWords(i, i + 1);
    return i + 1;
  }

  private keyword(i: number, code: number): void {
    const { tokens } = this;
    const previous = tokens.keyword(i - 1);
    this.traits.keyword(i, code);
    if (((keywordFlags[code] ?? 0) & ENDS_FROM) !== 0) this.clauses.inFrom = false;
    if (code === K.true || code === K.false) {
      const tested = previous === K.is || (previous === K.not && tokens.keyword(i - 2) === K.is);
      if (!tested && tokens.symbol(i + 1) !== openParenthesis) tokens.kinds[i] = VALUE_WORD;
    } else if (code === K.select) {
      if (this.first === K.grant || this.first === K.revoke) return;
      this.operation(i, false);
      if (this.clauses.depth === 0 && (this.first === K.set || this.first === K.declare) && !this.sawCursor)
        this.kind.isRead = true;
    } else if (code === K.from) {
      if (!this.clauses.ownsFrom || (previous === K.distinct && tokens.keyword(i - 2) !== K.select)) return;
      this.kind.sawFrom = true;
      this.traits.from();
      this.startTables();
    } else if (code === K.join || code === K.straight_join) this.startTables();
    else if (code === K.into) this.into(i);
    else if (code === K.update) {
      const clause = previous === K.for || previous === K.key || previous === K.do || previous === K.on;
      if (!clause && previous !== K.then && !this.isDefinition()) this.change(i, true);
    } else if (code === K.delete) {
      if (previous !== K.on && previous !== K.then && !this.isDefinition()) this.change(i, false);
    } else if (code === K.insert) {
      if (previous === K.then || tokens.symbol(i + 1) === openParenthesis || this.isDefinition()) return;
      this.change(i, true);
      this.clauses.set(false, false);
    } else if (code === K.using) {
      const takesTables = this.first === K.merge || this.clauses.ownsFrom;
      if (takesTables && tokens.symbol(i + 1) !== openParenthesis) this.startTables();
    } else if (code === K.on) {
      if (this.first === K.create && this.summary.isEmptyOfTables) this.expecting = true;
    } else if (code === K.as) this.commonTable(i);
    else if (code === K.cursor) this.sawCursor = true;
    else if (code === K.commit || code === K.rollback || code === K.begin) {
      // Transact-SQL needs no semicolon between statements, and reserves these words.
      if (this.sqlServer) this.transaction.read(i, code);
    } else if (code === K.of && previous === K.current) this.markName(i + 1);
  }

  private operation(i: number, inFrom: boolean): void {
    this.expecting = false;
    this.summary.addWords(i, i + 1);
    this.clauses.set(true, inFrom);
  }

  private change(i: number, takesTable: boolean): void {
    this.operation(i, takesTable);
    this.expecting = takesTable;
    if (this.first !== K.explain && this.first !== K.describe && this.first !== K.desc) this.kind.isWrite = true;
  }

  private into(i: number): void {
    if (this.first === K.fetch || this.first === K.values) return;
    const kind = this.tokens.kind(i + 1);
    if (this.tokens.keyword(i - 1) === K.insert || kind === WORD || kind === NAME) this.expecting = true;
    if (this.expecting && this.first === K.select && this.clauses.ownsFrom) this.kind.isWrite = true;
  }

  // `WITH a AS (…)`, `WITH a (x, y) AS MATERIALIZED (…)`: a is no table.
  private commonTable(i: number): void {
    const { tokens } = this;
    let body = i + 1;
    if (tokens.keyword(body) === K.not) body++;
    if (tokens.keyword(body) === K.materialized) body++;
    if (tokens.symbol(body) !== openParenthesis) return;
    const hasColumns = tokens.symbol(i - 1) === closeParenthesis;
    this.summary.addCommonTable(hasColumns ? this.clauses.lastOpened - 1 : i - 1);
  }

  /** Reads a possibly qualified name where a table stands; returns the index after it. */
  private target(i: number): number {
    const { tokens, first } = this;
    let last = i;
    while (tokens.symbol(last + 1) === dot) {
      let part = last + 2;
      // `db..t`: SQL Server's default schema.
      if (tokens.symbol(part) === dot) part++;
      const kind = tokens.kind(part);
      if (kind !== WORD && kind !== NAME) break;
      last = part;
    }
    this.expecting = false;
    // In a FROM list a name before a parenthesis is a function; `INSERT INTO t (a)` and `CREATE TABLE t (a)` have tables.
    const isFunction = tokens.symbol(last + 1) === openParenthesis && this.clauses.inFrom;
    if (isFunction && !this.isDefinition()) {
      this.call(last);
      return last + 1;
    }
    const isRoutine = first === K.call || first === K.exec || first === K.execute;
    this.summary.addTarget(i, last, !isRoutine);
    return last + 1;
  }

  private call(i: number): void {
    this.kind.sawCall = true;
    this.traits.call(i);
    if (isListCall(this.sql, this.tokens, i)) this.takesList = true;
  }

  private markName(i: number): void {
    const kind = this.tokens.kind(i);
    if (kind === NAME || (kind === WORD && this.tokens.keyword(i) === 0)) this.markValue(i);
  }

  private markValue(i: number): void {
    this.tokens.kinds[i] = VALUE_WORD;
  }

  private startTables(): void {
    this.expecting = true;
    this.clauses.inFrom = true;
  }

  private isDefinition(): boolean {
    const { first } = this;
    return first === K.create || first === K.alter || first === K.grant || first === K.revoke;
  }

  private endStatement(): void {
    const isData = !this.atStart && this.kind.isData(this.first === K.select);
    this.traits.endStatement(isData);
    this.kind.end(isData);
    this.atStart = true;
    this.first = 0;
    this.sawCursor = this.expecting = false;
    this.clauses.reset();
  }
}
