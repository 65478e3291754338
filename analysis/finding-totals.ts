import type { Finding, SavedMs } from '../core/finding.ts';
import type { AnalyzedRequest, FindingFingerprint, TraceId } from '../core/types.ts';
import { middleOf } from './analyze-endpoint-savings.ts';

/** Findings kept; when a new one finds no place, the one whose fix saves least leaves, the oldest among equals. */
export const MAX_FINDINGS = 1000;

/** One finding over all requests in which it was seen. */
export interface ReportedFinding {
  /** The costliest occurrence. Its line of the application is from any occurrence that knew it. */
  readonly finding: Finding;
  readonly requestCount: number;
  /** Sums over those requests, milliseconds. */
  readonly totalMs: number;
  readonly repeatMs: number;
  readonly savedMs: SavedMs;
  /** The most repeats in one request. */
  readonly countMax: number;
  /** A trace in which it was seen: an exported one where there is one. */
  readonly evidenceTraceId: TraceId;
  readonly evidenceSampled: boolean;
}

interface Totals {
  finding: Finding;
  requestCount: number;
  totalMs: number;
  repeatMs: number;
  savedLowMs: number;
  savedHighMs: number;
  countMax: number;
  evidenceTraceId: TraceId;
  evidenceSampled: boolean;
}

/** Most saved time over all requests first; then the time in the repeats, then all time. */
export function byTimeToSave(a: RankedTimes, b: RankedTimes): number {
  return middleOf(b.savedMs) - middleOf(a.savedMs) || b.repeatMs - a.repeatMs || b.totalMs - a.totalMs;
}

type RankedTimes = Pick<ReportedFinding, 'savedMs' | 'repeatMs' | 'totalMs'>;

/** Adds up findings across requests by their fingerprint. */
export class FindingTotals {
  readonly #totals = new Map<FindingFingerprint, Totals>();
  readonly #maxFindings: number;
  #dropped = 0;

  constructor(maxFindings: number = MAX_FINDINGS) {
    this.#maxFindings = maxFindings;
  }

  /** Findings that left to make room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Returns a copy of what the finding is now over all requests. `isFirst`: the request did not have it yet. */
  add(finding: Finding, request: AnalyzedRequest, isFirst: boolean): ReportedFinding {
    const known = this.#totals.get(finding.fingerprint);
    if (known === undefined) return toReported(this.#addNew(finding, request));
    const { evidence } = finding;
    if (isFirst) known.requestCount++;
    known.totalMs += evidence.totalMs;
    known.repeatMs += evidence.repeatMs;
    known.savedLowMs += finding.savedMs[0];
    known.savedHighMs += finding.savedMs[1];
    known.countMax = Math.max(known.countMax, evidence.count);
    const isCostlier = evidence.totalMs > known.finding.evidence.totalMs;
    known.finding = isCostlier ? withCallSiteOf(finding, known.finding) : withCallSiteOf(known.finding, finding);
    // A trace that was exported is worth more as evidence than a costlier one that nobody can open.
    if (request.sampled && (!known.evidenceSampled || isCostlier)) {
      known.evidenceTraceId = request.traceId;
      known.evidenceSampled = true;
    }
    return toReported(known);
  }

  /** Copies of all, most saved time first. */
  ranked(): readonly ReportedFinding[] {
    return Array.from(this.#totals.values(), toReported).sort(byTimeToSave);
  }

  clear(): void {
    this.#totals.clear();
    this.#dropped = 0;
  }

  #addNew(finding: Finding, request: AnalyzedRequest): Totals {
    if (this.#totals.size >= this.#maxFindings) this.#dropLeast();
    const totals: Totals = {
      finding,
      requestCount: 1,
      totalMs: finding.evidence.totalMs,
      repeatMs: finding.evidence.repeatMs,
      savedLowMs: finding.savedMs[0],
      savedHighMs: finding.savedMs[1],
      countMax: finding.evidence.count,
      evidenceTraceId: request.traceId,
      evidenceSampled: request.sampled,
    };
    this.#totals.set(finding.fingerprint, totals);
    return totals;
  }

  #dropLeast(): void {
    let least: Totals | undefined;
    for (const totals of this.#totals.values()) {
      if (least === undefined || isLess(totals, least)) least = totals;
    }
    if (least === undefined) return;
    this.#totals.delete(least.finding.fingerprint);
    this.#dropped++;
  }
}

function isLess(a: Totals, b: Totals): boolean {
  const [savedA, savedB] = [a.savedLowMs + a.savedHighMs, b.savedLowMs + b.savedHighMs];
  if (savedA !== savedB) return savedA < savedB;
  return a.repeatMs < b.repeatMs || (a.repeatMs === b.repeatMs && a.totalMs < b.totalMs);
}

function toReported({ savedLowMs, savedHighMs, ...totals }: Totals): ReportedFinding {
  return { ...totals, savedMs: [savedLowMs, savedHighMs] };
}

/** The finding, with the line of the application from `other` where it has none itself. */
function withCallSiteOf(finding: Finding, other: Finding): Finding {
  const { callSite } = other.evidence;
  if (finding.evidence.callSite !== undefined || callSite === undefined) return finding;
  return { ...finding, evidence: { ...finding.evidence, callSite } };
}
