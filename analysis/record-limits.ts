/** Durations that decide, while a request runs, what is kept of it. Milliseconds. One object serves all requests. */
export interface RecordLimits {
  /** A query of at least this long is slow. */
  readonly slowQueryMinMs: number;
  /** A query of at least this long stands in the timeline. */
  readonly longQueryMinMs: number;
  /** An HTTP call of at least this long stands in the timeline. */
  readonly longCallMinMs: number;
  /** A call that starts within this much of another one of its shape, or of its end, belongs to the same burst. */
  readonly callGapMaxMs: number;
}

type Thresholds = Readonly<Partial<Record<string, Readonly<Record<string, number | undefined>>>>>;

/** The limits that follow from thresholds by kind; what is not named has the detectors' own defaults. */
export function recordLimits(thresholds: Thresholds): RecordLimits {
  return {
    slowQueryMinMs: thresholds['slow-query']?.['minMs'] ?? 200,
    longQueryMinMs: thresholds['consecutive-queries']?.['minQueryMs'] ?? 30,
    longCallMinMs: thresholds['consecutive-http']?.['minCallMs'] ?? 500,
    callGapMaxMs: thresholds['n-plus-one-http']?.['maxStartGapMs'] ?? 1000,
  };
}
