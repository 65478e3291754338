import type { Endpoint, FindingFingerprint, QueryFingerprint, SpanId } from './types.ts';

/** Every kind of finding; also the name of its detector, its docs page, its settings and its metric label. */
export type FindingKind = 'n-plus-one' | 'duplicate-query' | 'slow-query' | 'slow-endpoint';

/** `critical`: a warning with at least 50 repeats, or with at least 30 % of the request's time. */
export type Severity = 'info' | 'warning' | 'critical';

/** How the repeats ran: one after the other, at the same time, or both. */
export type RepeatMode = 'sequential' | 'parallel' | 'mixed';

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly endpoint: Endpoint;
  readonly fingerprint: FindingFingerprint;
  /** One line with the numbers: "10 queries differed only in their values (20 ms of 80 ms)". */
  readonly summary: string;
  /** What to do, in the imperative. */
  readonly recommendation: string;
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
    readonly mode?: RepeatMode;
    readonly operation?: 'read' | 'write';
    /** Distinct parameter sets seen, at most 16; absent when the parameters are not known. */
    readonly distinctParameters?: number;
  };
}
