import { constants } from 'node:os';
import { diag } from '@opentelemetry/api';
import { requestDetectors } from '../analysis/detectors/index.ts';
import { highFrequencyEndpoint } from '../analysis/high-frequency-endpoint.ts';
import { lowCacheHitRate } from '../analysis/low-cache-hit-rate.ts';
import { QueryAnalyzer } from '../analysis/query-analyzer.ts';
import { cacheRegistry, type CacheReading } from '../cache/cache-registry.ts';
import { readSettings, thresholdVariable, type ThresholdSetting } from '../core/settings.ts';
import { PerformanceMonitor } from '../monitor/performance-monitor.ts';
import { UNREDACTED } from '../processors/redact-span.ts';
import { CACHE_CHANNELS } from './cache-channels/names.ts';

/** Least values that the environment may set; 1 where none stands here. A shorter loop is a matter for tests. */
const MIN_VALUES: Readonly<Record<string, number>> = {
  SLOWPATH_N_PLUS_ONE_MIN_QUERIES: 5,
  SLOWPATH_N_PLUS_ONE_MIN_TOTAL_MS: 0,
  SLOWPATH_N_PLUS_ONE_WARNING_TOTAL_MS: 0,
  SLOWPATH_DUPLICATE_QUERY_MIN_QUERIES: 2,
  SLOWPATH_CONSECUTIVE_QUERIES_MIN_SAVED_RATIO: 0,
  SLOWPATH_N_PLUS_ONE_HTTP_MIN_CALLS: 2,
  SLOWPATH_CONSECUTIVE_HTTP_MIN_CALLS: 2,
  SLOWPATH_N_PLUS_ONE_KV_MIN_QUERIES: 2,
  SLOWPATH_HIGH_FREQUENCY_ENDPOINT_MIN_TIME_SHARE: 0,
  SLOWPATH_LOW_CACHE_HIT_RATE_MIN_LOOKUPS: 10,
  SLOWPATH_LOW_CACHE_HIT_RATE_MIN_HIT_RATE: 0,
};
/** Signals that a process cannot listen to, or that already mean something to it. */
const RESERVED_SIGNALS = new Set([
  'SIGKILL',
  'SIGSTOP',
  'SIGTERM',
  'SIGINT',
  'SIGPROF',
  'SIGUSR1',
  'SIGSEGV',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
]);

/** Every kind of finding that has thresholds: those that are looked for in one request, and those that are not. */
const KINDS = [...requestDetectors, highFrequencyEndpoint, lowCacheHitRate];

/** Every threshold that the environment can set, from the detectors' own defaults. */
export const thresholdSettings: readonly ThresholdSetting[] = KINDS.flatMap(({ kind, defaults }) =>
  Object.entries(defaults).map(([name, defaultValue]) => {
    const variable = thresholdVariable(kind, name);
    return { variable, kind, name, defaultValue, minValue: MIN_VALUES[variable] ?? 1 };
  }),
);

/** The settings of this process, and what could not be used of them. Read once. */
export const { settings: environmentSettings, problems: settingsProblems } = readSettings(process.env, {
  thresholds: thresholdSettings,
  unredacted: UNREDACTED,
  cacheChannels: CACHE_CHANNELS,
  signals: Object.keys(constants.signals).filter((signal) => !RESERVED_SIGNALS.has(signal)),
});

/** Statistics over the requests of this process. */
export const performanceMonitor = new PerformanceMonitor({
  slowRequestMinMs: environmentSettings.thresholds['slow-endpoint']?.['minMs'] ?? 1000,
});

/** What the caches of this process have done. */
export function readCaches(): CacheReading {
  return cacheRegistry().read((thrown) => diag.error('slowpath: a cache could not be asked for its counts', thrown));
}

/** The findings of this process. */
export const queryAnalyzer = new QueryAnalyzer({
  thresholds: environmentSettings.thresholds,
  cacheUses: () => readCaches().patterns,
});
