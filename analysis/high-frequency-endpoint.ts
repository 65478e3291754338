import type { Finding } from '../core/finding.ts';
import type { Endpoint } from '../core/types.ts';
import type { Thresholds } from './detector.ts';
import { findingFingerprint, formatMs } from './finding-parts.ts';
import type { EndpointLoad } from './high-frequency-loads.ts';

/** Milliseconds that must have been observed before a rate means anything. */
const OBSERVED_MS_MIN = 60_000;
/** From this share of its time on that could be saved, a busy endpoint wastes. */
const WASTED_SHARE_WARNING = 0.1;

type ThresholdName = 'minRequestsPerMinute' | 'minTimeShare';

/**
 * An endpoint that is asked often and takes a good part of the time of all requests, so that what each request saves counts many
 * times over. It is no request detector: no single request shows it.
 *
 * Not found: anything before a minute was observed; a burst within a long quiet time, for the rate is the average over all
 * of it; endpoints beyond the first 1000.
 */
export const highFrequencyEndpoint = {
  kind: 'high-frequency-endpoint',
  description: 'An endpoint is asked so often that every millisecond of it counts.',
  defaults: { minRequestsPerMinute: 600, minTimeShare: 0.2 },
} as const satisfies { kind: Finding['kind']; description: string; defaults: Thresholds<ThresholdName> };

/** A busy endpoint. Times are milliseconds, shares 0–1. */
export interface HighFrequencyEndpoint {
  readonly endpoint: Endpoint;
  readonly requestCount: number;
  readonly requestsPerMinute: number;
  readonly durationMsAvg: number;
  readonly totalMs: number;
  /** Of the time of all requests. */
  readonly timeShare: number;
  /** What fixing its findings would have saved: the middle of the estimates. */
  readonly wastedMs: number;
  readonly wastedMsPerMinute: number;
  readonly finding: Finding;
}

/** What the requests of a process were over some time. */
export interface ObservedLoads {
  readonly loads: Iterable<readonly [Endpoint, EndpointLoad]>;
  /** Of all requests, those without a load of their own included. */
  readonly totalMs: number;
  readonly observedMs: number;
  /** The finding of an endpoint whose fix saves most. */
  readonly worthiestOf: (endpoint: Endpoint) => Finding | undefined;
}

/** The busy endpoints: by what they waste per minute, then by the time that they take. */
export function findHighFrequency(
  { loads, totalMs, observedMs, worthiestOf }: ObservedLoads,
  thresholds: Partial<Thresholds> = {},
): readonly HighFrequencyEndpoint[] {
  if (observedMs < OBSERVED_MS_MIN) return [];
  const { minRequestsPerMinute = 600, minTimeShare = 0.2 } = { ...highFrequencyEndpoint.defaults, ...thresholds };
  const busy: HighFrequencyEndpoint[] = [];
  for (const [endpoint, load] of loads) {
    const requestsPerMinute = (60_000 * load.requestCount) / observedMs;
    const timeShare = totalMs > 0 ? load.totalMs / totalMs : 0;
    if (requestsPerMinute < minRequestsPerMinute || timeShare < minTimeShare) continue;
    const wastedMs = (load.savedLowMs + load.savedHighMs) / 2;
    const rates = {
      endpoint,
      requestCount: load.requestCount,
      requestsPerMinute,
      durationMsAvg: load.totalMs / load.requestCount,
      totalMs: load.totalMs,
      timeShare,
      wastedMs,
      wastedMsPerMinute: (60_000 * wastedMs) / observedMs,
    };
    busy.push({ ...rates, finding: toFinding(rates, load, wastedMs > 0 ? worthiestOf(endpoint) : undefined) });
  }
  return busy.sort((a, b) => b.wastedMsPerMinute - a.wastedMsPerMinute || b.totalMs - a.totalMs);
}

function toFinding(
  rates: Omit<HighFrequencyEndpoint, 'finding'>,
  load: EndpointLoad,
  worthiest: Finding | undefined,
): Finding {
  const { endpoint, requestCount, requestsPerMinute, durationMsAvg, totalMs, timeShare, wastedMs } = rates;
  const wastedShare = totalMs > 0 ? wastedMs / totalMs : 0;
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  return {
    kind: 'high-frequency-endpoint',
    severity: wastedShare >= WASTED_SHARE_WARNING ? 'warning' : 'info',
    endpoint,
    fingerprint: findingFingerprint('high-frequency-endpoint', endpoint),
    summary:
      `${Math.round(requestsPerMinute)} requests per minute of ${formatMs(durationMsAvg)} each took ` +
      `${percent(timeShare)} of the time of all requests${wastedMs > 0 ? `; ${percent(wastedShare)} of it can be saved` : ''}`,
    recommendation: recommend(endpoint, worthiest),
    confidence: worthiest?.confidence ?? 0.5,
    savedMs: [load.savedLowMs / requestCount, load.savedHighMs / requestCount],
    evidence: {
      count: requestCount,
      totalMs,
      repeatMs: wastedMs,
      spanIds: [],
      ...(worthiest?.evidence.callSite !== undefined && { callSite: worthiest.evidence.callSite }),
    },
  };
}

function recommend(endpoint: Endpoint, worthiest: Finding | undefined): string {
  if (worthiest !== undefined) return `Fix its ${worthiest.kind} first: ${worthiest.recommendation}`;
  return /^(?:GET|HEAD) /.test(endpoint)
    ? 'Nothing in it is known to be wasted: cache its answer, or what it is computed from, or have it asked less often.'
    : 'Nothing in it is known to be wasted: have it asked less often, or let one request do the work of several.';
}
