import type { Endpoint, FindingFingerprint, QueryFingerprint, SpanId } from './ids.ts';
import type { CallSite, DatabaseClient, StatementSource } from './query.ts';

/** Every kind of finding; also the name of its detector, its docs page, its settings and its metric label. */
export type FindingKind =
  | 'n-plus-one'
  | 'duplicate-query'
  | 'consecutive-queries'
  | 'slow-query'
  | 'unbounded-result'
  | 'query-budget'
  | 'transaction-held'
  | 'n-plus-one-http'
  | 'consecutive-http'
  | 'n-plus-one-kv'
  | 'slow-endpoint'
  | 'high-frequency-endpoint'
  | 'low-cache-hit-rate';

/** `critical`: a warning with at least 50 repeats, or with at least 30 % of the request's time. */
export type Severity = 'info' | 'warning' | 'critical';

/** How the repeats ran: one after the other, at the same time, or both; `unknown` when nobody told when they started. */
export type RepeatMode = 'sequential' | 'parallel' | 'mixed' | 'unknown';

/** Milliseconds of one request, from the least that is to be expected to the most. */
export type SavedMs = readonly [low: number, high: number];

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly endpoint: Endpoint;
  readonly fingerprint: FindingFingerprint;
  /** One line with the numbers: "10 queries differed only in their values (20 ms of 80 ms)". */
  readonly summary: string;
  /** What to do, in the imperative, in the words of the application's ORM or driver where that is known. */
  readonly recommendation: string;
  /** How sure it is that the fix applies, 0–1: below 0.5 it is an `info`. */
  readonly confidence: number;
  /** What the fix would take off the duration of such a request: an estimate, `[0, 0]` where none can be made. */
  readonly savedMs: SavedMs;
  /** How `savedMs` was computed, with its numbers; absent where there is nothing to compute. */
  readonly estimate?: string;
  readonly evidence: {
    /** How many queries (or requests, for an endpoint) the finding speaks of. */
    readonly count: number;
    /** Sum of their durations, milliseconds. */
    readonly totalMs: number;
    /** The part of `totalMs` that goes away when the repeats do; equal to `totalMs` where nothing repeats. */
    readonly repeatMs: number;
    readonly spanIds: readonly SpanId[];
    readonly exampleText?: string;
    readonly queryFingerprint?: QueryFingerprint;
    readonly tables?: readonly string[];
    readonly mode?: RepeatMode;
    readonly operation?: 'read' | 'write';
    /** Distinct parameter sets seen, at most 16; absent when the parameters are not known. */
    readonly distinctParameters?: number;
    /** Levels of loops around each other, this one included: 2 when its source is itself a loop. */
    readonly nested?: number;
    /** The query whose rows the repeats follow. */
    readonly source?: StatementSource;
    /** The line of the application that asks. */
    readonly callSite?: CallSite;
    readonly client?: DatabaseClient;
  };
}
