/** The vocabulary. Plain data only: nothing here knows that OpenTelemetry, HTTP or a database exists. */

import type { Finding } from './finding.ts';

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 lower-case hex digits. */
export type TraceId = Brand<string, 'TraceId'>;
/** 16 lower-case hex digits. */
export type SpanId = Brand<string, 'SpanId'>;
/** Names a query's shape: equal fingerprints mean "same statement, maybe other values". Stable across processes and releases. */
export type QueryFingerprint = Brand<string, 'QueryFingerprint'>;
/** Names a finding: kind + endpoint + query shape. Stable across processes and releases. */
export type FindingFingerprint = Brand<string, 'FindingFingerprint'>;
/** `GET /orders/:id`: method + route template, never a raw path. Jobs are `job <name>`, messages `consume <destination>`. */
export type Endpoint = Brand<string, 'Endpoint'>;

/** What a statement does. `control` is BEGIN, COMMIT, SET, SHOW, pings: never counted as a query of the request. */
export type QueryKind = 'read' | 'write' | 'control';

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
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  /** Keyed hash of the bind values and literals; `undefined` when they are not known. Never leaves the process. */
  readonly parametersHash: number | undefined;
  /** `undefined` when the driver did not say. */
  readonly rowCount: number | undefined;
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
  readonly count: number;
  readonly errorCount: number;
  readonly totalMs: number;
  readonly durationMsMin: number;
  readonly durationMsMax: number;
  /** Queries of at least the record's `slowQueryMinMs`. */
  readonly slowCount: number;
  readonly slowTotalMs: number;
  /** Milliseconds from the start of the request. */
  readonly firstStartMs: number;
  readonly lastEndMs: number;
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
  /** The first three and the last. */
  readonly spanIds: readonly SpanId[];
  readonly slowestSpanId: SpanId;
}

export type RequestKind = 'http' | 'message' | 'job';

/** One finished request: what the detectors read. Frozen when it is closed. */
export interface RequestRecord {
  readonly traceId: TraceId;
  readonly rootSpanId: SpanId;
  readonly kind: RequestKind;
  readonly endpoint: Endpoint;
  /** HTTP status; 0 for jobs and messages, and while it is unknown. */
  readonly statusCode: number;
  /** 5xx, or a root span with status ERROR. */
  readonly failed: boolean;
  /** The client went away before the response was written. */
  readonly aborted: boolean;
  /** The trace was exported, so that its id leads somewhere. */
  readonly sampled: boolean;
  readonly durationMs: number;
  /** Data statements: transaction control, SET, SHOW and pings are not in it. */
  readonly queryCount: number;
  /** Sum of the durations of those queries; parallel queries make it larger than the time they took together. */
  readonly queryTotalMs: number;
  /** BEGINs. */
  readonly transactionCount: number;
  /** False when nothing that observes a database has been loaded: the count of 0 then means "unknown". */
  readonly queriesObserved: boolean;
  readonly slowQueryMinMs: number;
  readonly groups: readonly QueryGroup[];
  /** Queries beyond the bound on groups: counted in `queryCount`, in no group. */
  readonly queriesNotGrouped: number;
}

/** A record with what the detectors found in it. */
export interface AnalyzedRequest extends RequestRecord {
  readonly findings: readonly Finding[];
}
