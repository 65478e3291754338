import { expect } from 'vitest';
import type { RequestRecord } from '../../core/types.ts';
import type { QueryNumbers, RequestStatistics } from '../../monitor/statistics.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const share = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

function at(values: readonly number[], percent: number): number | undefined {
  return values[Math.ceil((percent * values.length) / 100) - 1];
}

function durationsOf(values: readonly number[]) {
  const durations = sorted(values);
  return {
    durationMsAvg: share(sum(durations), durations.length),
    durationMsMin: durations[0],
    durationMsMax: durations.at(-1),
    durationMsP50: at(durations, 50),
    durationMsP95: at(durations, 95),
    durationMsP99: at(durations, 99),
    totalMs: sum(durations),
    durationsRefusedCount: 0,
  };
}

/** Statistics over a window of `sinceMs` milliseconds from arrays: sorted, counted and added up one by one. */
export function exactStatistics(
  records: readonly RequestRecord[],
  { slowRequestMinMs = 1000, sinceMs = 0 } = {},
): RequestStatistics {
  const shortLived = records.filter((record) => record.connection === 'request');
  const answered = shortLived.filter((record) => !record.aborted);
  const observed = answered.filter((record) => record.queriesObserved);
  const queries = sorted(observed.map((record) => record.queryCount));
  const uses = answered.flatMap(({ cache }) => (cache === undefined || cache.lookups === 0 ? [] : [cache]));
  const cacheLookupCount = sum(uses.map(({ lookups }) => lookups));
  const cacheHitCount = sum(uses.map(({ hits }) => hits));
  return {
    count: answered.length,
    requestsPerSecond: share(answered.length, sinceMs / 1000),
    errorCount: answered.filter((record) => record.failed).length,
    abortedCount: shortLived.length - answered.length,
    streamCount: records.filter((record) => record.connection === 'stream').length,
    upgradeCount: records.filter((record) => record.connection === 'upgrade').length,
    ...durationsOf(answered.map((record) => record.durationMs)),
    queriesPerRequestAvg: share(sum(queries), queries.length),
    queriesPerRequestMin: queries[0],
    queriesPerRequestMax: queries.at(-1),
    queriesPerRequestP50: at(queries, 50),
    queriesPerRequestP95: at(queries, 95),
    queriesPerRequestP99: at(queries, 99),
    queryCount: sum(queries),
    queriesNotObservedCount: answered.length - observed.length,
    databaseShare: share(
      sum(observed.map((record) => Math.min(record.queryTotalMs, record.durationMs))),
      sum(observed.map((record) => record.durationMs)),
    ),
    cacheLookupCount,
    cacheHitCount,
    cacheHitRate: share(cacheHitCount, cacheLookupCount),
    cacheStaleHitCount: sum(uses.map(({ staleHits }) => staleHits)),
    cacheCoalescedCount: sum(uses.map(({ coalesced }) => coalesced)),
    cacheRequestCount: uses.length,
    cacheAllHitRate: share(uses.filter(({ lookups, hits }) => hits === lookups).length, uses.length),
    cacheComputeMsTotal: sum(uses.map(({ computeMs }) => computeMs)),
    cacheSavedMsTotal: sum(uses.map(({ savedMs }) => savedMs)),
    slowRequestCount: answered.filter((record) => record.durationMs >= slowRequestMinMs).length,
    slowQueryCount: sum(observed.flatMap((record) => record.groups.map((group) => group.slowCount))),
  };
}

/** One query, or several of one request, as the model knows them: each with its duration. */
export interface ModelQuery {
  readonly durationMs: number;
  readonly rowCount: number | undefined;
  readonly failed: boolean;
  readonly slow: boolean;
}

export function exactQueryNumbers(queries: readonly ModelQuery[]): Omit<QueryNumbers, 'durationsAveragedCount'> {
  const rows = queries.flatMap(({ rowCount }) => (rowCount === undefined ? [] : [rowCount]));
  return {
    count: queries.length,
    errorCount: queries.filter(({ failed }) => failed).length,
    ...durationsOf(queries.map(({ durationMs }) => durationMs)),
    slowQueryCount: queries.filter(({ slow }) => slow).length,
    rowCount: sum(rows),
    rowsKnownCount: rows.length,
    rowsPerQueryAvg: share(sum(rows), rows.length),
    rowsPerQueryMax: rows.length > 0 ? Math.max(...rows) : undefined,
  };
}

const ESTIMATES: ReadonlySet<string> = new Set(['durationMsP50', 'durationMsP95', 'durationMsP99']);

/** Durations are estimates within the error bound; fractions differ by rounding; everything else is exact. */
export function expectToMatch<T extends object>(actual: T, exact: T): void {
  const entries = Object.entries(exact) as [keyof T & string, number | undefined][];
  expect(entries.length).toBeGreaterThan(12);
  for (const [name, value] of entries) {
    const given = actual[name] as number | undefined;
    if (value === undefined || given === undefined || Number.isInteger(value)) {
      if (value === undefined || !ESTIMATES.has(name)) expect(rounded(given), name).toBe(value);
    } else if (!ESTIMATES.has(name)) expect(Math.abs(given - value), name).toBeLessThanOrEqual(1e-9 * Math.abs(value));
    if (ESTIMATES.has(name) && value !== undefined)
      expect(Math.abs((given ?? NaN) - value), name).toBeLessThanOrEqual(0.011 * value);
  }
}

/** A sum of fractions that is a whole number by chance. */
function rounded(value: number | undefined): number | undefined {
  return value !== undefined && Math.abs(value - Math.round(value)) < 1e-9 ? Math.round(value) : value;
}
