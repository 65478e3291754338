import type { SpanId } from './ids.ts';
import type { CallSite, DatabaseClient } from './query.ts';

/**
 * Calls of one shape within one request: HTTP requests to one URL template, or one Redis command on keys of one pattern. Of
 * calls in several bursts, with long pauses between them, it tells of the largest.
 */
export interface CallGroup {
  readonly type: 'http' | 'kv';
  /** `http`, or a `db.system.name` such as `redis`. */
  readonly system: string;
  /** Stable across processes and releases; no value can be read out of it. */
  readonly shape: string;
  /** Safe to show and to export: `GET users.internal/users/{id}`, `HGETALL`. */
  readonly name: string;
  readonly count: number;
  readonly errorCount: number;
  readonly totalMs: number;
  readonly durationMsMin: number;
  readonly durationMsMax: number;
  readonly firstStartMs: number;
  readonly lastEndMs: number;
  readonly unionMs: number;
  readonly overlapCount: number;
  /** The most milliseconds between the starts of two neighbours. */
  readonly startGapMsMax: number;
  /** Distinct targets (URLs, keys), up to 64; and calls whose target was beyond those, or is not known. */
  readonly distinctTargets: number;
  readonly targetsDropped: number;
  /** The target asks for a page of a list (`?page=`, `?cursor=`), or a command reads on (`SCAN`, `BLPOP`). */
  readonly paginates: boolean;
  readonly spanIds: readonly SpanId[];
  readonly client: DatabaseClient | undefined;
  readonly callSite: CallSite | undefined;
}

/** An HTTP call of at least the timeline's least duration, in the order of their ends; bounded. */
export interface LongCall {
  readonly spanId: SpanId;
  /** Place in `calls`; -1 when the call found no group. */
  readonly group: number;
  readonly method: string;
  readonly startMs: number;
  readonly durationMs: number;
}

/** HTTP calls during which a transaction of the request was open and did nothing, until it ended by COMMIT or ROLLBACK. */
export interface HeldTransactions {
  readonly count: number;
  /** The time that they held it; calls at the same time count once. */
  readonly totalMs: number;
  readonly durationMsMax: number;
  /** `POST payments.internal/charges`, of the longest. */
  readonly callName: string;
  readonly spanIds: readonly SpanId[];
}
