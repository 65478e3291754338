/** Import as `slowpath/analysis`: detectors over finished requests. No OpenTelemetry, no I/O. */
export type { Finding, FindingKind, RepeatMode, Severity } from '../core/finding.ts';
export type { AnalyzedRequest, QueryEvent, QueryGroup, RequestRecord } from '../core/types.ts';
export { normalizeQuery, type NormalizedQuery } from '../sql/index.ts';
export type { RequestDetector, Thresholds } from './detector.ts';
export { requestDetectors } from './detectors/index.ts';
export { findInRequest, type ThresholdOverrides } from './find-in-request.ts';
export { QueryAnalyzer, type AnalyzerReport, type ReportedFinding } from './query-analyzer.ts';
export { QueryGroups } from './query-groups.ts';
