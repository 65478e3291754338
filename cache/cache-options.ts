import { systemClock, type Clock } from '../core/clock.ts';
import { SetupError } from '../core/setup-error.ts';
import { EntryClock } from './entry-clock.ts';
import type { CacheStore } from './store.ts';

/** Values that a cache keeps if nothing else is said. */
export const MAX_ENTRIES = 10_000;
/** More than this a Map of V8 does not hold. */
const MAX_ENTRIES_MAX = 16_000_000;
/** Seconds, of a value whose key and caller name none. */
export const DEFAULT_TTL = 300;
/** Seconds for which the first tier keeps a value if nobody tells this process what others invalidate. */
export const FIRST_TIER_TTL = 5;

/** Which of its work a cache shows as spans: computations, the second tier and invalidations; each look-up as well; or nothing. */
export type CacheSpansPolicy = 'compute' | 'all' | 'none';

export interface CacheManagerOptions {
  /** For telemetry and statistics: one name for each cache of the process. `default` if not given. */
  readonly name?: string;
  /** A whole number from 1 to 16 000 000; 10 000 if not given. The least recently used value makes room. */
  readonly maxEntries?: number;
  /** Bounds the values by size too, as `sizeOf` tells it. */
  readonly maxBytes?: number;
  readonly sizeOf?: (value: unknown) => number;
  /** Seconds, for values whose key and caller name none; 300 if not given. */
  readonly defaultTtl?: number;
  /** 0–1: shortens each time to live by up to this share, so that values stored together do not expire together. 0 if not given. */
  readonly ttlJitter?: number;
  /** Shared by processes: see `slowpath/cache/redis`. */
  readonly store?: CacheStore;
  /** Seconds for which the first tier keeps a value at most; 5 with a store that tells nothing of other processes, else unlimited. */
  readonly firstTierTtl?: number;
  /** False: nothing is looked up or stored, every value is computed. */
  readonly enabled?: boolean;
  readonly spans?: CacheSpansPolicy;
  /** Whether spans name the key, which may hold ids of people: `none` (the default), `hash`, or `raw`. */
  readonly spanKeys?: 'none' | 'hash' | 'raw';
  /** Adds the attributes without which Sentry shows no cache spans. */
  readonly sentryCompat?: boolean;
  readonly clock?: Clock;
  /** 0 ≤ n < 1, for jitter and early refresh. */
  readonly random?: () => number;
}

export interface CheckedOptions extends Required<
  Omit<CacheManagerOptions, 'maxBytes' | 'sizeOf' | 'store' | 'firstTierTtl'>
> {
  readonly maxBytes: number | undefined;
  readonly sizeOf: ((value: unknown) => number) | undefined;
  readonly store: CacheStore | undefined;
  readonly firstTierTtl: number | undefined;
  /** For the times of entries; `clock` measures computations. */
  readonly entryClock: EntryClock;
}

/** @throws {SetupError} SLOWPATH_CACHE_OPTIONS, naming every option that cannot be used. */
export function checkCacheOptions(options: CacheManagerOptions): CheckedOptions {
  const checked: CheckedOptions = {
    name: options.name ?? 'default',
    maxEntries: options.maxEntries ?? MAX_ENTRIES,
    maxBytes: options.maxBytes,
    sizeOf: options.sizeOf,
    defaultTtl: options.defaultTtl ?? DEFAULT_TTL,
    ttlJitter: options.ttlJitter ?? 0,
    store: options.store,
    firstTierTtl: options.firstTierTtl,
    enabled: options.enabled ?? true,
    spans: options.spans ?? 'compute',
    spanKeys: options.spanKeys ?? 'none',
    sentryCompat: options.sentryCompat ?? false,
    clock: options.clock ?? systemClock,
    entryClock: new EntryClock(options.clock ?? systemClock),
    random: options.random ?? Math.random,
  };
  const problems = problemsOf(checked);
  if (problems.length === 0) return checked;
  throw new SetupError('SLOWPATH_CACHE_OPTIONS', `CacheManager: ${problems.join(' ')}`);
}

function problemsOf(options: CheckedOptions): readonly string[] {
  const { name, maxEntries, maxBytes, sizeOf, defaultTtl, ttlJitter, firstTierTtl, spans, spanKeys } = options;
  const problems: string[] = [];
  const demand = (isGood: boolean, problem: string): void => {
    if (!isGood) problems.push(problem);
  };
  demand(
    typeof name === 'string' && /^[\w.:-]{1,64}$/.test(name),
    'name is not 1 to 64 letters, digits or one of _ . : -; it is a label of metrics, for example "default".',
  );
  demand(
    isCount(maxEntries) && maxEntries <= MAX_ENTRIES_MAX,
    `maxEntries ${String(maxEntries)} is not a whole number from 1 to ${MAX_ENTRIES_MAX}; the default is ${MAX_ENTRIES}.`,
  );
  demand(maxBytes === undefined || isCount(maxBytes), `maxBytes ${String(maxBytes)} is not a whole number from 1.`);
  demand(
    (maxBytes === undefined) === (sizeOf === undefined) && (sizeOf === undefined || typeof sizeOf === 'function'),
    'maxBytes and sizeOf belong together: give both, or neither.',
  );
  demand(
    isSeconds(defaultTtl),
    `defaultTtl ${String(defaultTtl)} is not a number of seconds above 0; the default is ${DEFAULT_TTL}.`,
  );
  demand(ttlJitter >= 0 && ttlJitter < 1, `ttlJitter ${String(ttlJitter)} is not a share from 0 to below 1.`);
  demand(
    firstTierTtl === undefined || isSeconds(firstTierTtl),
    `firstTierTtl ${String(firstTierTtl)} is not a number of seconds above 0.`,
  );
  demand(['compute', 'all', 'none'].includes(spans), 'spans is not compute, all or none.');
  demand(['none', 'hash', 'raw'].includes(spanKeys), 'spanKeys is not none, hash or raw.');
  return problems;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}
