/** Import as `slowpath`. */
export type { Finding, FindingKind, RepeatMode, Severity } from './core/finding.ts';
export type { AnalyzedRequest, QueryGroup, RequestRecord } from './core/types.ts';
export { SetupError } from './core/setup-error.ts';
export { performanceMonitor, queryAnalyzer } from './instrumentation/default-systems.ts';
export { start, type SlowpathHandle, type StartOptions } from './instrumentation/start.ts';
export { QueryAnalyzer, type AnalyzerReport, type ReportedFinding } from './analysis/query-analyzer.ts';
export { PerformanceMonitor, type PerformanceMonitorOptions } from './monitor/performance-monitor.ts';
export type { Statistics } from './monitor/statistics.ts';
