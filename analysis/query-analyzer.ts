import type { CachePatternUse } from '../core/cache-pattern-use.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { Finding } from '../core/finding.ts';
import { SetupError } from '../core/setup-error.ts';
import type { AnalyzedRequest, Endpoint, FindingFingerprint } from '../core/types.ts';
import { analyzeEndpointWith, type EndpointAnalysis } from './analyze-endpoint.ts';
import type { QueryInput } from './analyze-endpoint-input.ts';
import type { AnalyzeEndpointOptions } from './analyze-endpoint-options.ts';
import type { ThresholdOverrides } from './find-in-request.ts';
import { FindingTotals, type ReportedFinding } from './finding-totals.ts';
import { findHighFrequency, type HighFrequencyEndpoint } from './high-frequency-endpoint.ts';
import { EndpointLoads } from './high-frequency-loads.ts';
import { findLowHitRates, type LowCacheHitRate } from './low-cache-hit-rate.ts';

export type { ReportedFinding };

export interface QueryAnalyzerOptions {
  readonly clock?: Clock;
  /** A whole number from 1; 1000 if not given. */
  readonly maxFindings?: number;
  /** Endpoints whose load is counted by name: a whole number from 1; 1000 if not given. */
  readonly maxEndpoints?: number;
  /** Thresholds by kind of finding; what is not named keeps its default. */
  readonly thresholds?: ThresholdOverrides;
  /** What was done with the patterns of all caches so far; asked when a report is made. */
  readonly cacheUses?: () => readonly CachePatternUse[];
}

export interface AnalyzerReport {
  /** By what their fixes would have saved over all requests, most first. */
  readonly findings: readonly ReportedFinding[];
  /** By what they waste per minute, most first; none before a minute was observed. */
  readonly highFrequencyEndpoints: readonly HighFrequencyEndpoint[];
  /** Patterns of caches whose values are seldom found, by the time that their computations took; not of an endpoint. */
  readonly lowCacheHitRates: readonly LowCacheHitRate[];
  /** Milliseconds since the first request, or the first after a reset. */
  readonly observedMs: number;
  /** Findings that left to make room. */
  readonly findingsDropped: number;
  /** Findings that the application's suppressions took out, over all requests. */
  readonly findingsSuppressed: number;
  /** Requests of endpoints beyond the limit: they are in no load. */
  readonly requestsInOther: number;
}

const NONE: readonly ReportedFinding[] = [];

/** What is found in the requests of a process: adds findings up by their fingerprint, and the load of each endpoint. Bounded. */
export class QueryAnalyzer {
  readonly #clock: Clock;
  readonly #maxEndpoints: number | undefined;
  readonly #cacheUses: () => readonly CachePatternUse[];
  readonly #totals: FindingTotals;
  #thresholds: ThresholdOverrides;
  #loads: EndpointLoads;
  #firstMs: number | undefined;
  #findingsSuppressed = 0;

  /** @throws {SetupError} SLOWPATH_ANALYZER_OPTIONS if a limit is not a whole number from 1. */
  constructor(options: QueryAnalyzerOptions = {}) {
    checkLimit('maxFindings', options.maxFindings);
    checkLimit('maxEndpoints', options.maxEndpoints);
    this.#clock = options.clock ?? systemClock;
    this.#maxEndpoints = options.maxEndpoints;
    this.#cacheUses = options.cacheUses ?? (() => []);
    this.#thresholds = options.thresholds ?? {};
    this.#totals = new FindingTotals(options.maxFindings);
    this.#loads = new EndpointLoads(options.maxEndpoints);
  }

  /** Takes one finished request. Returns each of its findings as it stands now over all requests. */
  add(request: AnalyzedRequest): readonly ReportedFinding[] {
    this.#firstMs ??= this.#clock.nowMs();
    this.#loads.add(request);
    this.#findingsSuppressed += request.findingsSuppressed;
    if (request.findings.length === 0) return NONE;
    // Two shards can give a request the same finding twice: it is one request all the same.
    const seen = new Set<FindingFingerprint>();
    return request.findings.map((finding) => {
      const isFirst = !seen.has(finding.fingerprint);
      seen.add(finding.fingerprint);
      return this.#totals.add(finding, request, isFirst);
    });
  }

  /**
   * What was found so far; `endpoint` limits it to one, `top` to so many findings, endpoints and patterns.
   * @throws {TypeError} if `top` is not a whole number from 0.
   */
  getReport(options: { readonly endpoint?: Endpoint; readonly top?: number } = {}): AnalyzerReport {
    const { endpoint, top = Infinity } = options;
    if (!(top >= 0 && (top === Infinity || Number.isInteger(top))))
      throw new TypeError(
        `getReport: top is not a whole number from 0. Expected how many findings to give, for example 10.`,
      );
    const all = this.#totals.ranked();
    const worthiest = new Map<Endpoint, Finding>();
    for (const { finding } of all.toReversed()) worthiest.set(finding.endpoint, finding);
    const isWanted = (name: Endpoint): boolean => endpoint === undefined || name === endpoint;
    const observedMs = this.#firstMs === undefined ? 0 : this.#clock.nowMs() - this.#firstMs;
    const highFrequencyEndpoints = findHighFrequency(
      {
        loads: this.#loads.entries(),
        totalMs: this.#loads.totalMs,
        observedMs,
        worthiestOf: (name) => worthiest.get(name),
      },
      this.#thresholds['high-frequency-endpoint'],
    );
    return {
      findings: all.filter(({ finding }) => isWanted(finding.endpoint)).slice(0, top),
      lowCacheHitRates:
        endpoint === undefined
          ? findLowHitRates(this.#cacheUses(), this.#thresholds['low-cache-hit-rate']).slice(0, top)
          : [],
      highFrequencyEndpoints: highFrequencyEndpoints.filter((busy) => isWanted(busy.endpoint)).slice(0, top),
      observedMs,
      findingsDropped: this.#totals.dropped,
      findingsSuppressed: this.#findingsSuppressed,
      requestsInOther: this.#loads.requestsInOther,
    };
  }

  /**
   * `analyzeEndpoint` with the thresholds of this analyzer; those of `options` stand above them. Nothing is added up.
   * @throws {TypeError} that names the argument, its place and what was expected, and quotes nothing of the data.
   */
  analyzeEndpoint(
    endpoint: string,
    queries: readonly (string | QueryInput)[],
    options: AnalyzeEndpointOptions = {},
  ): EndpointAnalysis {
    return analyzeEndpointWith(this.#thresholds, endpoint, queries, options);
  }

  /** Thresholds by kind that stand above those so far; `undefined` changes nothing. */
  setThresholds(thresholds: ThresholdOverrides | undefined): void {
    this.#thresholds = { ...this.#thresholds, ...thresholds };
  }

  /** Forgets what was found. What caches count is theirs, since they were made. */
  reset(): void {
    this.#totals.clear();
    this.#loads = new EndpointLoads(this.#maxEndpoints);
    this.#firstMs = undefined;
    this.#findingsSuppressed = 0;
  }
}

function checkLimit(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return;
  throw new SetupError(
    'SLOWPATH_ANALYZER_OPTIONS',
    `QueryAnalyzer: ${name} ${String(value)} is not a whole number from 1; the default is 1000.`,
  );
}
