import { computeMsAvgOf, lookupsOf, type CachePatternUse } from '../core/cache-pattern-use.ts';
import type { Finding } from '../core/finding.ts';
import { stableHash } from '../core/stable-hash.ts';
import type { Endpoint, FindingFingerprint } from '../core/types.ts';
import type { Thresholds } from './detector.ts';
import { formatMs, SURE_MIN } from './finding-parts.ts';
import { lowHitRateCause, type LowHitRateCause } from './low-cache-hit-rate-cause.ts';

export type { LowHitRateCause };

/** Milliseconds after its first look-up in which a pattern is cold: its first misses say nothing. */
const COLD_MS = 120_000;
/** Computations that take less than this are not worth a warning. */
const COMPUTE_MS_WARNING = 1;
/** What found no place of its own: nobody can act on it. */
const OTHER = '(other)';

type ThresholdName = 'minLookups' | 'minHitRate';

/**
 * A pattern of keys whose values are seldom found when they are looked up: the cache costs memory and code, and saves little. It is
 * no request detector: no single request shows it.
 *
 * Not found: a pattern in the first two minutes after its first look-up, or with fewer than `minLookups`; look-ups that bypassed the
 * cache, which count nowhere; a rate that has fallen of late, for it is the average since the start; what is counted as `(other)`.
 */
export const lowCacheHitRate = {
  kind: 'low-cache-hit-rate',
  description: 'Values of a pattern are seldom found in their cache.',
  defaults: { minLookups: 100, minHitRate: 0.45 },
} as const satisfies { kind: Finding['kind']; description: string; defaults: Thresholds<ThresholdName> };

/** A pattern whose values are seldom found. */
export interface LowCacheHitRate {
  readonly cacheName: string;
  readonly pattern: string;
  readonly lookupCount: number;
  /** 0–1. */
  readonly hitRate: number;
  /** What most of the look-ups that found nothing are due to. */
  readonly cause: LowHitRateCause;
  readonly finding: Finding;
}

/** The patterns that are seldom found: by the time that their computations took, most first. */
export function findLowHitRates(
  uses: readonly CachePatternUse[],
  thresholds: Partial<Thresholds> = {},
): readonly LowCacheHitRate[] {
  const { minLookups = 100, minHitRate = 0.45 } = { ...lowCacheHitRate.defaults, ...thresholds };
  const found: LowCacheHitRate[] = [];
  for (const use of uses) {
    const lookupCount = lookupsOf(use);
    if (use.pattern === OTHER || lookupCount < minLookups || (use.observedMs ?? 0) < COLD_MS) continue;
    const hitRate = (use.hits + use.staleHits) / lookupCount;
    if (hitRate >= minHitRate) continue;
    const { cacheName, pattern } = use;
    const { cause, confidence, recommendation } = lowHitRateCause(use);
    const finding = toFinding(use, { lookupCount, hitRate, minHitRate, confidence, recommendation });
    found.push({ cacheName, pattern, lookupCount, hitRate, cause, finding });
  }
  return found.sort((a, b) => b.finding.evidence.totalMs - a.finding.evidence.totalMs);
}

interface Rates {
  readonly lookupCount: number;
  readonly hitRate: number;
  readonly minHitRate: number;
  readonly confidence: number;
  readonly recommendation: string;
}

function toFinding(use: CachePatternUse, rates: Rates): Finding {
  const { cacheName, pattern, misses, coalesced, errors } = use;
  const { lookupCount, hitRate, minHitRate, confidence, recommendation } = rates;
  const computeMs = computeMsAvgOf(use);
  const missing = hitRate < minHitRate ? minHitRate - hitRate : 0;
  const parts = [
    `${misses} missed`,
    ...(coalesced > 0 ? [`${coalesced} waited for a computation`] : []),
    ...(errors > 0 ? [`${errors} ended in an error`] : []),
  ];
  const took = computeMs === undefined ? '' : `; a computation took ${formatMs(computeMs)}`;
  const isWarning = confidence >= SURE_MIN && (computeMs ?? 0) >= COMPUTE_MS_WARNING;
  return {
    kind: 'low-cache-hit-rate',
    severity: isWarning ? 'warning' : 'info',
    // Where it is: no endpoint but a pattern, which many endpoints may look up.
    endpoint: `cache ${cacheName} ${pattern}` as Endpoint,
    fingerprint: stableHash(`low-cache-hit-rate\n${cacheName}\n${pattern}`) as FindingFingerprint,
    summary: `${Math.round(100 * hitRate)} % of ${lookupCount} look-ups found a value: ${parts.join(', ')}${took}`,
    recommendation,
    confidence,
    // Of one look-up: from the rate that was wanted to one of 100 %.
    savedMs: [missing * (computeMs ?? 0), (1 - hitRate) * (computeMs ?? 0)],
    evidence: {
      count: lookupCount,
      totalMs: 1000 * use.computeDurations.sum,
      repeatMs: missing * lookupCount * (computeMs ?? 0),
      spanIds: [],
    },
  };
}
