import type { LowCacheHitRate } from '../analysis/low-cache-hit-rate.ts';
import type { CachePatternStatistics } from '../monitor/cache-pattern-statistics.ts';
import type { RequestStatistics } from '../monitor/statistics.ts';
import { headingLine } from './findings-text.ts';
import { formatCount, formatCountOf, formatDuration, formatEstimate, formatShare, NO_NUMBER } from './format-number.ts';
import { labelledLines, textColumnsOf } from './labelled-lines.ts';
import { moreLines } from './more-lines.ts';
import type { Paint } from './palette.ts';
import { tableLines, type Row } from './table.ts';
import { printable, wrap } from './terminal-text.ts';

const DEFAULT_NAME = 'default';

/** What each pattern of the caches saves, and what requests made of it; no line if there are no caches. */
export function cacheLines(
  caches: readonly CachePatternStatistics[],
  requests: RequestStatistics,
  top: number,
  width: number,
  paint: Paint,
): string[] {
  if (caches.length === 0 && requests.cacheRequestCount === 0) return [];
  const table = {
    nameHeading: 'pattern',
    headings: ['look-ups', 'hits', 'misses', 'waited', 'compute', 'saved', 'evicted'],
    rows: caches.slice(0, top).map(cacheRow),
  };
  return [
    `${paint('heading', 'CACHES')} by the time saved (compute: average; waited: for the computation of another)`,
    ...wrap(requestsText(requests), width),
    ...(caches.length === 0 ? [] : tableLines(table, width, paint)),
    ...moreLines(caches.length - top, 'pattern', 'patterns', paint),
  ];
}

function requestsText(requests: RequestStatistics): string {
  const { cacheRequestCount, cacheAllHitRate, cacheHitRate, cacheLookupCount } = requests;
  if (cacheAllHitRate === undefined || cacheHitRate === undefined) return 'No request looked anything up.';
  return (
    `${formatShare(cacheAllHitRate)} of ${formatCountOf(cacheRequestCount, 'request')} that looked something up found all of it; ` +
    `${formatShare(cacheHitRate)} of their ${formatCountOf(cacheLookupCount, 'look-up')} hit. ` +
    `Computing took ${formatDuration(requests.cacheComputeMsTotal)}, about ${formatDuration(requests.cacheSavedMsTotal)} were saved.`
  );
}

function cacheRow(use: CachePatternStatistics): Row {
  const notes = [
    ...(use.cacheName === DEFAULT_NAME ? [] : [`in ${printable(use.cacheName)}`]),
    ...counted([
      [use.staleHits, 'stale'],
      [use.secondTierHits, 'from the second tier'],
      [use.errors, 'ended in an error'],
      [use.bypassed, 'bypassed it'],
      [use.expirations, 'expired'],
      [use.invalidations, 'invalidated'],
      [use.discardedStores, 'invalidated while computed'],
      [use.computeErrors, 'computations failed'],
    ]),
  ];
  return {
    name: printable(use.pattern),
    cells: [
      formatCount(use.lookupCount),
      use.hitRate === undefined ? NO_NUMBER : formatShare(use.hitRate),
      formatCount(use.misses),
      formatCount(use.coalesced),
      formatDuration(use.computeMsAvg),
      formatDuration(use.savedMsTotal),
      formatCount(use.evictions),
    ].map((text) => ({ text })),
    ...(notes.length > 0 && { note: notes.join(', ') }),
  };
}

function counted(counts: readonly (readonly [number, string])[]): string[] {
  return counts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
}

/** The patterns that are seldom found; no line if there are none. */
export function lowHitRateLines(low: readonly LowCacheHitRate[], top: number, width: number, paint: Paint): string[] {
  if (low.length === 0) return [];
  return [
    `${paint('heading', 'LOW CACHE HIT RATES')} by the time that computing took`,
    ...low.slice(0, top).flatMap(({ finding }, n) => {
      const wrapped = (label: string, text: string): string[] =>
        labelledLines(label, wrap(printable(text), textColumnsOf(width)), paint);
      const { savedMs } = finding;
      return [
        ...(n > 0 ? [''] : []),
        headingLine(finding, n + 1, width, paint),
        ...wrapped('what', finding.summary),
        ...wrapped('fix', finding.recommendation),
        ...wrapped('saves', savedMs[1] > 0 ? `${formatEstimate(...savedMs)} per look-up` : ''),
      ];
    }),
    ...moreLines(low.length - top, 'pattern', 'patterns', paint),
  ];
}
