import type { HighFrequencyEndpoint } from '../analysis/high-frequency-endpoint.ts';
import type { LowCacheHitRate } from '../analysis/low-cache-hit-rate.ts';
import type { ReportedFinding } from '../analysis/query-analyzer.ts';
import type { CachePatternStatistics } from '../monitor/cache-pattern-statistics.ts';
import type { QueryReport, RequestStatistics, Statistics } from '../monitor/statistics.ts';

/** What a report is made of: plain data from the monitor and the analyzer. */
export interface ReportInput {
  /** The name of the service that was measured. */
  readonly service: string;
  readonly statistics: Statistics;
  readonly queries: QueryReport;
  /** All findings; the report leaves out those that are not worth reporting. */
  readonly findings: readonly ReportedFinding[];
  readonly highFrequencyEndpoints: readonly HighFrequencyEndpoint[];
  /** What was done with the patterns of caches, most time saved first. */
  readonly caches: readonly CachePatternStatistics[];
  readonly lowCacheHitRates: readonly LowCacheHitRate[];
  /** Caches of which nothing is known, because there were too many. */
  readonly cachesNotRegistered: number;
  /** Findings that left the analyzer to make room. */
  readonly findingsDropped: number;
  /** Findings that suppressions took out, over all requests. */
  readonly findingsSuppressed: number;
  /** What was dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** One line that is shown under the heading. */
  readonly note?: string;
}

/** All requests that were seen, those that stand apart included. */
export function requestsOfAnyKind({ count, abortedCount, streamCount, upgradeCount }: RequestStatistics): number {
  return count + abortedCount + streamCount + upgradeCount;
}
