import type { QueryFingerprint, SpanId } from './ids.ts';

/** What a statement does. `control` is BEGIN, COMMIT, SET, SHOW, pings: never counted as a query of the request. */
export type QueryKind = 'read' | 'write' | 'control';

/** ORMs and drivers in whose words a recommendation can be put. */
export type DatabaseClient =
  | 'pg'
  | 'mysql2'
  | 'mysql'
  | 'knex'
  | 'objection'
  | 'drizzle'
  | 'sequelize'
  | 'typeorm'
  | 'prisma'
  | 'mikro-orm'
  | 'mongoose'
  | 'mongodb'
  | 'ioredis'
  | 'redis';

/** A line of the application. */
export interface CallSite {
  /** Relative to the working directory where it lies below it, with `/`; absolute otherwise. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column?: number;
  readonly functionName?: string;
}

/** How a statement is written, as far as advice depends on it. All of it is read from the text; nothing is a value. */
export interface StatementTraits {
  /** The tables, spelt as in the summary, each once. */
  readonly tables: readonly string[];
  /**
   * The column by which it picks its rows: `id` in `WHERE u.id = $1`, `= ANY($1)` and `IN ($1)`. Unqualified, without quotes.
   * Undefined without a WHERE on a single such comparison, or with several of them.
   */
  readonly filterColumn: string | undefined;
  readonly hasWhere: boolean;
  /** LIMIT, TOP or FETCH FIRST bounds its rows. */
  readonly limited: boolean;
  readonly ordered: boolean;
  /** count(), sum(), min(), max() or avg() in the select list. */
  readonly aggregated: boolean;
  readonly grouped: boolean;
  readonly distinct: boolean;
  /** FOR UPDATE, FOR SHARE and their kin. */
  readonly locks: boolean;
  /** SKIP LOCKED or an advisory lock: a queue is polled. */
  readonly polls: boolean;
  /** A page that starts after the last one: `WHERE id > $1 ORDER BY id LIMIT $2`, or OFFSET. */
  readonly paginates: boolean;
  /** `SELECT *` or `SELECT t.*`. */
  readonly selectsStar: boolean;
  /** The WHERE has further conditions beside the one on `filterColumn`: advice that names only the column must keep them. */
  readonly filtersMore: boolean;
  /** Its rows are picked by a range: `id >= $1 AND id < $2`, BETWEEN. */
  readonly picksRange: boolean;
}

/** One query as it ended. Times are milliseconds; `startMs` counts from the start of the request. */
export interface QueryEvent {
  readonly spanId: SpanId;
  /** `db.system.name`, for example `postgresql`. */
  readonly system: string;
  /** `db.namespace`: the database, so that shards are never mixed. Empty if unknown. */
  readonly namespace: string;
  readonly fingerprint: QueryFingerprint;
  /** Literals are replaced: safe to show and to export. */
  readonly text: string;
  /** `SELECT users`. */
  readonly summary: string;
  readonly kind: QueryKind;
  /** One statement for many rows: `= ANY(…)`, `unnest(…)`. */
  readonly takesList: boolean;
  /**
   * Elements of the longest list in it: of `IN (1, 2, 3)`, of the rows of VALUES, of a batch. 0 when it has none, or when
   * the list is one bind value that nobody saw.
   */
  readonly listSize: number;
  readonly traits: StatementTraits;
  /** The ORM or driver that sent it, where its span tells. */
  readonly client: DatabaseClient | undefined;
  /** `undefined` when nobody told: a replay of texts without times. */
  readonly startMs: number | undefined;
  readonly durationMs: number;
  readonly failed: boolean;
  /** Keyed hash of the bind values and literals; `undefined` when they are not known. Never leaves the process. */
  readonly parametersHash: number | undefined;
  /** `undefined` when the driver did not say. */
  readonly rowCount: number | undefined;
}

/** The query whose rows a loop follows, and what shows it. */
export interface StatementSource {
  readonly text: string;
  readonly summary: string;
  readonly queryFingerprint: QueryFingerprint;
  /** Rows it returned in all; `undefined` when the driver did not say. */
  readonly rowCount: number | undefined;
  /**
   * `rows`: it returned as many rows as the loop has rounds. `name`: the loop's column is called after its table
   * (`user_id`, `users`). `order`: it was the last read before the loop.
   */
  readonly proof: 'rows' | 'name' | 'order';
}

/** The queries of a group that had one and the same set of parameters. */
export interface ParameterSet {
  readonly hash: number;
  readonly count: number;
  readonly totalMs: number;
}

/** The queries of one shape within one request. Counts and sums are exact; lists of examples are bounded. */
export interface QueryGroup {
  readonly system: string;
  readonly namespace: string;
  readonly fingerprint: QueryFingerprint;
  readonly text: string;
  readonly summary: string;
  readonly kind: 'read' | 'write';
  readonly takesList: boolean;
  readonly traits: StatementTraits;
  /** The ORM or driver of the first query that told; a captured call site may know better. */
  readonly client: DatabaseClient | undefined;
  /** The line of the application, of a query that was repeated; `undefined` when none was captured. */
  readonly callSite: CallSite | undefined;
  readonly count: number;
  readonly errorCount: number;
  readonly totalMs: number;
  /** The first 100, in the order of their ends. */
  readonly durationsMs: readonly number[];
  readonly durationMsMin: number;
  readonly durationMsMax: number;
  /** Queries of at least the record's `slowQueryMinMs`. */
  readonly slowCount: number;
  readonly slowTotalMs: number;
  /** Milliseconds from the start of the request. */
  readonly firstStartMs: number;
  readonly firstEndMs: number;
  readonly lastEndMs: number;
  /** False when queries told no start: then the three above, `unionMs` and `overlapCount` say nothing. */
  readonly startsKnown: boolean;
  /**
   * Milliseconds in which at least one of them ran. A lower bound when a query that ended late had started before a gap
   * between others.
   */
  readonly unionMs: number;
  /** Queries that were running while another one of the group was: the sign of a parallel loop. */
  readonly overlapCount: number;
  /** The first 16 distinct parameter sets. */
  readonly parameterSets: readonly ParameterSet[];
  /** Queries whose parameters were known but found no place among the 16 sets. */
  readonly parameterSetsDropped: number;
  readonly parametersUnknownCount: number;
  /** Sum of the rows of those queries whose driver said; `rowCountKnown` says how many did. */
  readonly rowCount: number;
  readonly rowCountKnown: number;
  /** The most rows of one query, and that query's duration. */
  readonly rowCountMax: number;
  readonly durationMsOfMostRows: number;
  /** Transactions in which its queries ran; of those that were open at the same time, only the latest. */
  readonly transactionCount: number;
  /** Sum of `listSize`, and the queries with a list of at least 2. */
  readonly listSizeTotal: number;
  readonly batchCount: number;
  /** Place in `groups` of the query that ended last before the group's first started; -1 when it was a write or nothing. */
  readonly precedingGroup: number;
  /** The first three and the last. */
  readonly spanIds: readonly SpanId[];
  readonly slowestSpanId: SpanId;
}

/**
 * A query of at least the timeline's least duration, so that what could have run together is seen. In the order of their
 * ends; bounded.
 */
export interface LongQuery {
  readonly spanId: SpanId;
  /** Place in `groups`; -1 when the query found no group. */
  readonly group: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly parametersHash: number | undefined;
  /** It ran while a transaction of the request was open. */
  readonly inTransaction: boolean;
  /** Writes that had ended before it did: between two queries with the same number nothing was written. */
  readonly writesBefore: number;
  /** Set for a read whose values cannot come from an earlier query's rows: it has no placeholder and no literal. */
  readonly takesNoValues: boolean;
}
