/** Import as `slowpath/analysis`: detectors over finished requests. No OpenTelemetry, no I/O. */
export type { CachePatternUse } from '../core/cache-pattern-use.ts';
export type { Finding, FindingKind, RepeatMode, SavedMs, Severity } from '../core/finding.ts';
export type {
  AnalyzedRequest,
  CallGroup,
  CallSite,
  DatabaseClient,
  HeldTransactions,
  LongCall,
  LongQuery,
  QueryEvent,
  QueryGroup,
  RequestRecord,
  StatementSource,
  StatementTraits,
} from '../core/types.ts';
export { normalizeQuery, type NormalizedQuery, type NormalizeQueryOptions } from '../sql/index.ts';
export {
  analyzeEndpoint,
  type EndpointAnalysis,
  type Optimization,
  type OptimizationStep,
} from './analyze-endpoint.ts';
export type { QueryInput } from './analyze-endpoint-input.ts';
export type { AnalyzeEndpointOptions } from './analyze-endpoint-options.ts';
export type { RequestDetector, Thresholds } from './detector.ts';
export { requestDetectors } from './detectors/index.ts';
export { findInRequest, type ThresholdOverrides } from './find-in-request.ts';
export { highFrequencyEndpoint, type HighFrequencyEndpoint } from './high-frequency-endpoint.ts';
export { lowCacheHitRate, type LowCacheHitRate, type LowHitRateCause } from './low-cache-hit-rate.ts';
export {
  QueryAnalyzer,
  type AnalyzerReport,
  type QueryAnalyzerOptions,
  type ReportedFinding,
} from './query-analyzer.ts';
export { QueryGroups } from './query-groups.ts';
export type { Suppression } from './suppression.ts';
