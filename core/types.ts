/** The vocabulary. Plain data only: nothing here knows that OpenTelemetry, HTTP or a database exists. */

import type { CallGroup, HeldTransactions, LongCall } from './call.ts';
import type { Finding } from './finding.ts';
import type { Endpoint, SpanId, TraceId } from './ids.ts';
import type { LongQuery, QueryGroup } from './query.ts';

export type * from './call.ts';
export type * from './ids.ts';
export type * from './query.ts';

export type RequestKind = 'http' | 'message' | 'job';

/** How long an answer is meant to last: `stream` (server-sent events) and `upgrade` (WebSocket) last as long as the client likes. */
export type ConnectionKind = 'request' | 'stream' | 'upgrade';

/** Look-ups in caches by one request, and how they ended. */
export interface CacheCounts {
  /** All that asked a cache: hits, misses, coalesced and errors. */
  readonly lookups: number;
  /** Those that found a value, a stale one included. */
  readonly hits: number;
  readonly staleHits: number;
  readonly misses: number;
  /** Those that waited for a computation of another look-up. */
  readonly coalesced: number;
  /** Those that did not ask; in no other count. */
  readonly bypassed: number;
  /** A second tier that could not be asked, or a remembered error. */
  readonly errors: number;
  /** Wall time of the computations that this request ran itself. */
  readonly computeMs: number;
  /** Sum over the hits of what their values took to compute: an estimate of what the cache has saved. */
  readonly savedMs: number;
}

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
  readonly connection: ConnectionKind;
  /** The trace was exported, so that its id leads somewhere. */
  readonly sampled: boolean;
  readonly durationMs: number;
  /** Set when nobody told the duration and it was made of the queries: then no share of it says anything. */
  readonly isDurationDerived?: true;
  /** Data statements: transaction control, SET, SHOW and pings are not in it. */
  readonly queryCount: number;
  /** Sum of the durations of those queries; parallel queries make it larger than the time they took together. */
  readonly queryTotalMs: number;
  /** Milliseconds in which at least one of those queries ran; one whose start nobody told counts in full. */
  readonly queryUnionMs: number;
  /** BEGINs. */
  readonly transactionCount: number;
  /** Transactions that were taken back as a whole: ROLLBACK without TO, or a COMMIT that failed. */
  readonly rollbackCount: number;
  /** False when nothing that observes a database has been loaded: the count of 0 then means "unknown". */
  readonly queriesObserved: boolean;
  /** Absent while nothing was looked up. */
  readonly cache?: CacheCounts;
  readonly slowQueryMinMs: number;
  readonly groups: readonly QueryGroup[];
  readonly longQueries: readonly LongQuery[];
  readonly calls: readonly CallGroup[];
  readonly longCalls: readonly LongCall[];
  /** `undefined` when no call held one. */
  readonly heldTransactions: HeldTransactions | undefined;
  /** Calls beyond the bound on their groups. */
  readonly callsNotGrouped: number;
  /** Queries beyond the bound on groups: counted in `queryCount`, in no group. */
  readonly queriesNotGrouped: number;
}

/** A record with what the detectors found in it. */
export interface AnalyzedRequest extends RequestRecord {
  readonly findings: readonly Finding[];
  /** Findings that a suppression of the user's took out. */
  readonly findingsSuppressed: number;
}
