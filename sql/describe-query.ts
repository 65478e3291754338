import { stableHash } from '../core/stable-hash.ts';
import type { QueryFingerprint, QueryKind, StatementTraits } from '../core/types.ts';
import { type Dialect, dialectCount, dialectOf } from './dialect.ts';
import { lex } from './lexer.ts';
import { NO_TRAITS, toStatementTraits } from './statement-traits.ts';
import { QueryMemo } from './query-memo.ts';
import { QueryWriter } from './query-writer.ts';
import { StatementReader } from './statement-reader.ts';
import { TokenList } from './token-list.ts';

/** A statement without its values. */
export interface NormalizedQuery {
  /**
   * Literals are `?`, placeholders stand as they stood, comments are gone: safe to export. At most 8192 characters; a
   * longer text is cut and ends in `...`. Where `exact` is false for any other reason it is the summary.
   */
  readonly text: string;
  /** Equal for statements that differ only in values, lengths of lists, white space, comments and needless quotes. */
  readonly fingerprint: QueryFingerprint;
  /** `SELECT users`: operations and targets, at most 255 characters; empty if none was recognised. */
  readonly summary: string;
  /** False if the text was cut, truncated before it came here, or could not be read safely to its end. */
  readonly exact: boolean;
}

/** What the request path needs to know of a statement. */
export interface QueryShape extends NormalizedQuery {
  /** `control`: transaction and session control, and pings such as `SELECT 1`. */
  readonly kind: QueryKind;
  /** It leaves a transaction open that it began: BEGIN, START TRANSACTION, but not `BEGIN; …; COMMIT`. */
  readonly startsTransaction: boolean;
  /**
   * It closes a transaction that was open before: COMMIT, or a ROLLBACK of the whole. Both are set for `COMMIT; BEGIN` and
   * `COMMIT AND CHAIN`: the end comes first.
   */
  readonly endsTransaction: boolean;
  /** It takes a list where one row would take a value: `= ANY(…)`, `unnest(…)`. */
  readonly takesList: boolean;
  /** Keyed hash of the literals in order, with their kinds; 0 if there is none. Never leaves the process. */
  readonly literalsHash: number;
  readonly literalCount: number;
  /** Placeholders seen: `$1`, `?`, `:a`, `@p`, `%s`; one that is written twice counts twice. */
  readonly parameterCount: number;
  /**
   * Elements of the longest list that the fingerprint takes for one value: `IN ($1, $2, $3)`, `ARRAY[1, 2, 3]`, rows of
   * VALUES; 0 if there is none.
   */
  readonly listSize: number;
  readonly traits: StatementTraits;
}

/** Figures of the memo of one system, for tests and diagnostics. */
export interface QueryMemoStatistics {
  readonly size: number;
  readonly units: number;
  readonly hits: number;
  readonly misses: number;
  readonly notStored: number;
}

const memos = Array.from({ length: dialectCount }, () => new QueryMemo<QueryShape>());
const tokens = new TokenList();

/**
 * Describes one SQL text of `system` (a `db.system.name`; unknown ones are read conservatively). Remembers what it found,
 * bounded, by text. Takes time in proportion to the text, never throws.
 */
export function describeQuery(sql: string, system: string): QueryShape {
  if (typeof sql !== 'string') return unreadable;
  const dialect = dialectOf(system);
  const memo = memos[dialect.id];
  if (memo === undefined) return describeUnremembered(sql, dialect);
  const known = memo.get(sql);
  if (known !== undefined) return known;
  const shape = describeUnremembered(sql, dialect);
  memo.set(sql, shape);
  return shape;
}

/** Characters and tokens that the last description looked at, in all passes: at most 4 x the length of the text. */
export function lastStepCount(): number {
  return tokens.steps;
}

/** Figures of the memo that serves `system`. */
export function queryMemoStatistics(system: string): QueryMemoStatistics {
  const { size, units, hits, misses, notStored } = memos[dialectOf(system).id] ?? new QueryMemo<QueryShape>();
  return { size, units, hits, misses, notStored };
}

/** Forgets all statements and sets the counters to 0. */
export function clearQueryMemo(): void {
  for (const memo of memos) memo.clear();
}

const unreadable: QueryShape = {
  text: '',
  fingerprint: stableHash('') as QueryFingerprint,
  summary: '',
  exact: false,
  kind: 'control',
  startsTransaction: false,
  takesList: false,
  literalsHash: 0,
  literalCount: 0,
  parameterCount: 0,
  endsTransaction: false,
  listSize: 0,
  traits: NO_TRAITS,
};

/** Characters of a statement that are read; a longer one is known by this much of it and marked inexact. 5 ms at the most. */
export const MAX_READ_LENGTH = 1_048_576;

/** What `describeQuery` finds, without its memo. */
export function describeUnremembered(raw: string, dialect: Dialect): QueryShape {
  // Lone surrogates become U+FFFD, as they would on the wire: text and fingerprint are the same before and after.
  const isTooLong = raw.length > MAX_READ_LENGTH;
  const part = isTooLong ? raw.slice(0, MAX_READ_LENGTH) : raw;
  const sql = part.isWellFormed() ? part : part.toWellFormed();
  lex(sql, dialect, tokens);
  const isWhole = tokens.complete && !isTooLong && !dropTruncatedEnd(sql);
  const reader = new StatementReader(sql, tokens, dialect);
  reader.run();
  const writer = new QueryWriter(sql, tokens, dialect.postgresOperators);
  writer.run();
  const { kind, transaction } = reader;
  const summary = reader.summary.text;
  // A statement that was cut off must not share the fingerprint of the whole one that it happens to look like.
  const canonical = isWhole ? writer.canonicalText : `${writer.canonicalText} ...`;
  return {
    text: isWhole ? detach(writer.finishText(), sql) : summary,
    fingerprint: stableHash(canonical) as QueryFingerprint,
    summary,
    exact: isWhole && !writer.isCut,
    // What cannot be read to its end is a query all the same: counted, named by its summary.
    kind: !isWhole && kind.all === 'control' && !kind.sawControl && tokens.count > 0 ? 'read' : kind.all,
    takesList: reader.takesList,
    startsTransaction: transaction.starts,
    endsTransaction: transaction.ends,
    literalsHash: writer.literalsHash,
    literalCount: writer.literalCount,
    parameterCount: writer.parameterCount,
    listSize: writer.listSize,
    traits: readTraits(reader, isWhole, sql),
  };
}

// The rest of a text that was cut may hold further conditions: which column decides is then not known.
function readTraits({ traits, summary }: StatementReader, isWhole: boolean, sql: string): StatementTraits {
  const { filterColumn } = traits;
  if (sql.length <= maxSharedLength) {
    return toStatementTraits(traits.bits, summary.tables, isWhole ? filterColumn : undefined);
  }
  const tables = summary.tables.map((table) => detach(table, sql));
  const column = filterColumn === undefined || !isWhole ? undefined : detach(filterColumn, sql);
  return toStatementTraits(traits.bits, tables, column);
}

const dot = 46;
const ellipsis = 0x2026;

// Drivers and APM agents cut long texts and write `...` after them, maybe with a comment behind it: the word before it may
// be half a word.
function dropTruncatedEnd(sql: string): boolean {
  let start = truncatedAt(sql);
  const last = tokens.count - 1;
  if (
    start === -1 &&
    tokens.symbol(last) === dot &&
    tokens.symbol(last - 1) === dot &&
    tokens.symbol(last - 2) === dot
  ) {
    start = tokens.start(last - 2);
  }
  if (start === -1) return false;
  while (tokens.count > 0 && tokens.end(tokens.count - 1) >= start) tokens.count--;
  return true;
}

/** Where the dots at the end of the text start; -1 if there are less than three. */
function truncatedAt(sql: string): number {
  let end = sql.length;
  while (end > 0 && sql.charCodeAt(end - 1) <= 32) end--;
  let start = end;
  while (start > 0 && (sql.charCodeAt(start - 1) === dot || sql.charCodeAt(start - 1) === ellipsis)) start--;
  return end - start >= 3 || sql.charCodeAt(end - 1) === ellipsis ? start : -1;
}

/** A slice keeps the whole text alive that it was cut from: for a text longer than this, copy. */
const maxSharedLength = 8192;

function detach(text: string, sql: string): string {
  return sql.length > maxSharedLength ? Buffer.from(text, 'utf16le').toString('utf16le') : text;
}
