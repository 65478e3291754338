/** Import as `slowpath`. */
export type { Finding, FindingKind, RepeatMode, SavedMs, Severity } from './core/finding.ts';
export type { AnalyzedRequest, CallSite, QueryGroup, RequestRecord } from './core/types.ts';
export { SetupError } from './core/setup-error.ts';
export { performanceMonitor, queryAnalyzer } from './instrumentation/default-systems.ts';
export { cacheKeys, cacheManager, CacheManager, defineCounter, defineKey, hashKeyPart } from './cache/index.ts';
export type { CacheKey, CacheManagerOptions, CacheStatistics, GetOrComputeOptions, SetOptions } from './cache/index.ts';
export { start, type SlowpathHandle, type StartOptions } from './instrumentation/start.ts';
export type { EndpointAnalysis } from './analysis/analyze-endpoint.ts';
export type { HighFrequencyEndpoint } from './analysis/high-frequency-endpoint.ts';
export type { LowCacheHitRate, LowHitRateCause } from './analysis/low-cache-hit-rate.ts';
export { QueryAnalyzer, type AnalyzerReport, type ReportedFinding } from './analysis/query-analyzer.ts';
export type { Suppression } from './analysis/suppression.ts';
export { PerformanceMonitor, type PerformanceMonitorOptions } from './monitor/performance-monitor.ts';
export type { TrackedQuery, TrackingOutcome, TrackingProblem } from './monitor/hand-tracking.ts';
export type {
  DurationStatistics,
  EndpointStatistics,
  QueryNumbers,
  QueryReport,
  QueryStatistics,
  QueryWindow,
  RequestStatistics,
  Statistics,
  StatisticsScope,
  StatisticsWindow,
} from './monitor/statistics.ts';
