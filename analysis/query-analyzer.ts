import type { Finding } from '../core/finding.ts';
import type { AnalyzedRequest, Endpoint, FindingFingerprint, TraceId } from '../core/types.ts';

/** Findings kept; when a new one finds no place, the one with the least time in its repeats leaves. */
export const MAX_FINDINGS = 1000;

/** One finding over all requests in which it was seen. */
export interface ReportedFinding {
  /** The costliest occurrence. */
  readonly finding: Finding;
  readonly requestCount: number;
  /** Sums over those requests, milliseconds. */
  readonly totalMs: number;
  readonly repeatMs: number;
  /** The most repeats in one request. */
  readonly countMax: number;
  /** A trace in which it was seen: an exported one where there is one. */
  readonly evidenceTraceId: TraceId;
  readonly evidenceSampled: boolean;
}

export interface AnalyzerReport {
  /** By the time in their repeats, most first. */
  readonly findings: readonly ReportedFinding[];
  /** Findings that left to make room. */
  readonly findingsDropped: number;
}

interface FindingTotals {
  finding: Finding;
  requestCount: number;
  totalMs: number;
  repeatMs: number;
  countMax: number;
  evidenceTraceId: TraceId;
  evidenceSampled: boolean;
}

/** Adds up findings across requests by their fingerprint. Bounded by `MAX_FINDINGS`. */
export class QueryAnalyzer {
  readonly #totals = new Map<FindingFingerprint, FindingTotals>();
  readonly #maxFindings: number;
  #findingsDropped = 0;

  constructor(options: { readonly maxFindings?: number } = {}) {
    this.#maxFindings = options.maxFindings ?? MAX_FINDINGS;
  }

  /** Takes the findings of one finished request. Returns each as it stands now over all requests. */
  add(request: AnalyzedRequest): readonly ReportedFinding[] {
    // Two shards can give a request the same finding twice: it is one request all the same.
    const seen = new Set<FindingFingerprint>();
    return request.findings.map((finding) => {
      const isFirst = !seen.has(finding.fingerprint);
      seen.add(finding.fingerprint);
      return { ...this.#addFinding(finding, request, isFirst) };
    });
  }

  /** What was found so far; `endpoint` limits it to one. */
  getReport(options: { readonly endpoint?: Endpoint } = {}): AnalyzerReport {
    const findings = [...this.#totals.values()]
      .filter(({ finding }) => options.endpoint === undefined || finding.endpoint === options.endpoint)
      .map((totals) => ({ ...totals }))
      .toSorted((a, b) => b.repeatMs - a.repeatMs || b.totalMs - a.totalMs);
    return { findings, findingsDropped: this.#findingsDropped };
  }

  reset(): void {
    this.#totals.clear();
    this.#findingsDropped = 0;
  }

  #addFinding(finding: Finding, request: AnalyzedRequest, isFirst: boolean): FindingTotals {
    const { evidence } = finding;
    const totals = this.#totals.get(finding.fingerprint);
    if (totals === undefined) return this.#addNew(finding, request);
    if (isFirst) totals.requestCount++;
    totals.totalMs += evidence.totalMs;
    totals.repeatMs += evidence.repeatMs;
    totals.countMax = Math.max(totals.countMax, evidence.count);
    const isCostlier = evidence.totalMs > totals.finding.evidence.totalMs;
    if (isCostlier) totals.finding = finding;
    // A trace that was exported is worth more as evidence than a costlier one that nobody can open.
    if (request.sampled && (!totals.evidenceSampled || isCostlier)) {
      totals.evidenceTraceId = request.traceId;
      totals.evidenceSampled = true;
    }
    return totals;
  }

  #addNew(finding: Finding, request: AnalyzedRequest): FindingTotals {
    if (this.#totals.size >= this.#maxFindings) this.#dropLeastCostly();
    const totals: FindingTotals = {
      finding,
      requestCount: 1,
      totalMs: finding.evidence.totalMs,
      repeatMs: finding.evidence.repeatMs,
      countMax: finding.evidence.count,
      evidenceTraceId: request.traceId,
      evidenceSampled: request.sampled,
    };
    this.#totals.set(finding.fingerprint, totals);
    return totals;
  }

  #dropLeastCostly(): void {
    let least: FindingFingerprint | undefined;
    let leastMs = Infinity;
    for (const [fingerprint, totals] of this.#totals) {
      if (totals.repeatMs >= leastMs) continue;
      least = fingerprint;
      leastMs = totals.repeatMs;
    }
    if (least === undefined) return;
    this.#totals.delete(least);
    this.#findingsDropped++;
  }
}
