import { ADVISORY_LOCK, AGGREGATE, callKind } from './call-names.ts';
import type { ClauseStack } from './clause-stack.ts';
import { columnStartingAt, isSameName, nameAt } from './column-name.ts';
import type { Dialect } from './dialect.ts';
import { FilterReader, maxPageColumns } from './filter-reader.ts';
import { ENDS_FROM, K, keywordFlags } from './keywords.ts';
import { isLockClause, readTableHints, skipsLocked } from './lock-clauses.ts';
import * as traits from './statement-traits.ts';
import { isAmount, isStar, isWord, isZero } from './token-tests.ts';
import { NAME, type TokenList, WORD } from './token-list.ts';

const openParenthesis = 40;
const comma = 44;
const star = 42;

/** OFFSET, or `LIMIT 10, 20`: no trait yet, it may be the OFFSET 0 that a client always writes. */
const HAS_OFFSET = 1 << 16;

const SELECT_LIST = 1;
const WHERE = 2;

/** What to do at a keyword of the statement's own level. */
const actions = new Uint8Array(keywordFlags.length);
const ENDS_CLAUSE = 1;
const HANDLED = 2;
for (const [code, flags] of keywordFlags.entries()) if ((flags & ENDS_FROM) !== 0) actions[code] = ENDS_CLAUSE;
for (const code of [K.on, K.into, K.do]) actions[code] = ENDS_CLAUSE;
for (const code of [K.select, K.insert, K.replace, K.where, K.group, K.order, K.limit, K.offset, K.fetch, K.top]) {
  actions[code] = HANDLED;
}

/**
 * Reads how statements are written, fed by `StatementReader` with the tokens it walks over. What a subquery does is not the
 * statement's: all but locks is read at the level of the statement itself, below its WITH clause.
 */
export class TraitsReader {
  /** Bits of `statement-traits.ts`, of all statements of the text. */
  bits = 0;
  /** Of the first statement that reads or changes data. */
  filterColumn: string | undefined;
  private sawData = false;

  private statementBits = 0;
  private mainDepth = 0;
  /** The depth of the subquery that is open; -1 if none is. */
  private subqueryDepth = -1;
  private clause = 0;
  private clauseDepth = 0;
  /** `INSERT … ON CONFLICT … WHERE` picks no rows, `INSERT … SELECT … WHERE` does. */
  private awaitsSelect = false;
  private aggregateCount = 0;
  /** The function before FILTER, whose OVER may follow. */
  private filteredCall = -1;
  /** The first columns of ORDER BY. */
  private readonly orderColumns: number[] = [];
  private readonly filter: FilterReader;
  private readonly sql: string;
  private readonly tokens: TokenList;
  private readonly clauses: ClauseStack;
  private readonly sqlServer: boolean;

  constructor(sql: string, tokens: TokenList, clauses: ClauseStack, dialect: Dialect) {
    this.sql = sql;
    this.tokens = tokens;
    this.clauses = clauses;
    this.sqlServer = dialect.hashNames;
    this.filter = new FilterReader(tokens, clauses, dialect.postgresOperators);
  }

  startStatement(i: number, code: number): void {
    this.mainDepth = this.clauses.depth;
    this.keyword(i, code);
  }

  endStatement(isData: boolean): void {
    if (isData) this.take();
    this.statementBits = this.clause = this.aggregateCount = this.orderColumns.length = 0;
    this.subqueryDepth = this.filteredCall = -1;
    this.awaitsSelect = false;
    this.filter.reset();
  }

  open(i: number): void {
    if (this.clause === WHERE && this.subqueryDepth === -1) this.filter.open(i);
  }

  close(): void {
    const { depth } = this.clauses;
    if (this.subqueryDepth > depth) this.subqueryDepth = -1;
    if (this.clause === 0) return;
    if (depth < this.clauseDepth) this.clause = 0;
    else if (this.clause === WHERE) this.filter.close();
  }

  /** A token that is neither a word nor a parenthesis. */
  symbol(i: number, symbol: number): void {
    if (this.clause === 0 || this.subqueryDepth !== -1) return;
    if (this.clause === WHERE) this.filter.symbol(i, symbol);
    else if (symbol === star && this.clauses.depth === this.clauseDepth && isStar(this.tokens, i))
      this.statementBits |= traits.SELECTS_STAR;
  }

  /** The name of a function, with its parenthesis behind it. */
  call(i: number): void {
    const kind = this.kindOfCall(i);
    if (kind === ADVISORY_LOCK) this.statementBits |= traits.POLLS;
    else if (kind === AGGREGATE && this.clause === SELECT_LIST && this.subqueryDepth === -1) this.aggregateCount++;
  }

  /** A name behind a closing parenthesis. */
  afterCall(i: number): void {
    if (this.aggregateCount === 0 || this.clause !== SELECT_LIST || this.subqueryDepth !== -1) return;
    const called = this.clauses.lastOpened - 1;
    if (isWord(this.sql, this.tokens, i, 'filter')) this.filteredCall = called;
    else if (isWord(this.sql, this.tokens, i, 'over')) {
      const isFiltered = isWord(this.sql, this.tokens, called, 'filter');
      if (this.kindOfCall(isFiltered ? this.filteredCall : called) === AGGREGATE) this.aggregateCount--;
    }
  }

  /** A FROM that is followed by tables. */
  from(): void {
    if (this.isOwnLevel) this.clause = 0;
  }

  keyword(i: number, code: number): void {
    if (code === K.for || code === K.lock || code === K.with) this.lock(i, code);
    if (this.subqueryDepth !== -1) return;
    if (!this.isOwnLevel) {
      if (code === K.select || code === K.values) this.subqueryDepth = this.clauses.depth;
      else if (this.clause === WHERE) this.filter.keyword(i, code);
      return;
    }
    const action = actions[code];
    if (action === HANDLED) this.ownKeyword(i, code);
    else if (action === ENDS_CLAUSE) this.clause = 0;
    else if (this.clause === WHERE) this.filter.keyword(i, code);
  }

  private ownKeyword(i: number, code: number): void {
    const { tokens } = this;
    if (code === K.top) {
      if (keywordBeforeTop(tokens.keyword(i - 1)) && isAmount(tokens, i + 1)) this.statementBits |= traits.LIMITED;
      return;
    }
    this.clause = 0;
    const next = tokens.keyword(i + 1);
    if (code === K.select) {
      this.enter(SELECT_LIST);
      this.awaitsSelect = false;
      if (next === K.distinct) this.statementBits |= traits.DISTINCT;
    } else if (code === K.insert || code === K.replace) this.awaitsSelect = true;
    else if (code === K.where) {
      if (this.awaitsSelect) return;
      this.enter(WHERE);
      this.filter.start();
      this.statementBits |= traits.HAS_WHERE;
    } else if (code === K.group) {
      if (next === K.by) this.statementBits |= traits.GROUPED;
    } else if (code === K.order) {
      if (next !== K.by) return;
      this.statementBits |= traits.ORDERED;
      this.order(i + 2);
    } else if (code === K.fetch) {
      if (next === K.first || next === K.next) this.statementBits |= traits.LIMITED;
    } else if (isAmount(tokens, i + 1)) {
      // OFFSET 0 leaves nothing out: it is written for `findOne()`, and by SQL Server's LIMIT.
      const isOffset = (code === K.offset || tokens.symbol(i + 2) === comma) && !isZero(this.sql, tokens, i + 1);
      if (isOffset) this.statementBits |= HAS_OFFSET;
      if (code === K.limit) this.statementBits |= traits.LIMITED;
    }
  }

  private lock(i: number, code: number): void {
    const { sql, tokens } = this;
    if (code === K.with) {
      if (this.sqlServer && tokens.symbol(i + 1) === openParenthesis)
        this.statementBits |= readTableHints(sql, tokens, i);
    } else if (code === K.lock) {
      if (tokens.keyword(i + 1) === K.in) this.statementBits |= traits.LOCKS;
    } else if (isLockClause(sql, tokens, i)) {
      this.statementBits |= skipsLocked(sql, tokens, i) ? traits.LOCKS | traits.POLLS : traits.LOCKS;
    }
  }

  private take(): void {
    const { filter, sql, tokens } = this;
    let bits = this.statementBits;
    if (this.aggregateCount > 0) bits |= traits.AGGREGATED;
    const isBounded = (bits & traits.LIMITED) !== 0;
    const isOrdered = (bits & traits.ORDERED) !== 0;
    // Prisma writes an OFFSET into every statement: without an order, one that has a WHERE looks for rows, not for a page.
    const hasOffset = (bits & HAS_OFFSET) !== 0 && (isOrdered || (bits & traits.HAS_WHERE) === 0);
    if (isBounded && (hasOffset || (isOrdered && this.startsAfterLast()))) bits |= traits.PAGINATES;
    if (filter.filtersMore) bits |= traits.FILTERS_MORE;
    if (filter.picksRange) bits |= traits.PICKS_RANGE;
    this.bits |= bits;
    if (!this.sawData && filter.column !== -1) this.filterColumn = nameAt(sql, tokens, filter.column);
    this.sawData = true;
  }

  /** A page that continues another: a range on a column that it is sorted by. */
  private startsAfterLast(): boolean {
    const { sql, tokens } = this;
    for (const range of this.filter.rangeColumns) {
      for (const column of this.orderColumns) if (isSameName(sql, tokens, range, column)) return true;
    }
    return false;
  }

  /** Reads the columns of ORDER BY from token `start`, up to the first element that is more than a column. */
  private order(start: number): void {
    const { tokens } = this;
    let i = start;
    this.orderColumns.length = 0;
    while (this.orderColumns.length < maxPageColumns) {
      const column = columnStartingAt(tokens, i);
      if (column === -1) break;
      this.orderColumns.push(column);
      i = column + 1;
      // ASC, DESC, NULLS LAST, COLLATE "C"
      while (isDirection(tokens, i)) i++;
      if (tokens.symbol(i) !== comma) break;
      i++;
    }
    tokens.steps += i - start;
  }

  private get isOwnLevel(): boolean {
    return this.subqueryDepth === -1 && this.clauses.depth <= this.mainDepth;
  }

  private enter(clause: number): void {
    this.clause = clause;
    this.clauseDepth = this.clauses.depth;
  }

  private kindOfCall(i: number): number {
    return callKind(this.sql, this.tokens.start(i), this.tokens.end(i));
  }
}

function keywordBeforeTop(code: number): boolean {
  const isVerb = code === K.select || code === K.update || code === K.delete || code === K.insert;
  return isVerb || code === K.distinct || code === K.all;
}

function isDirection(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  if (kind !== WORD) return kind === NAME;
  const code = tokens.keyword(i);
  return code === 0 || code === K.desc || code === K.first || code === K.last;
}
