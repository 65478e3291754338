import type { Endpoint, QueryFingerprint } from '../core/types.ts';
import type { EndpointSeries } from './endpoint-series.ts';
import type { MonitoredQueries } from './monitored-request.ts';
import { QueryCounts } from './query-counts.ts';
import { SlicedCounts, type SlicePlan } from './sliced-counts.ts';
import type { QueryStatistics } from './statistics.ts';
import { QUERY_LEVELS } from './windows.ts';

/** Under this name stand the queries of all shapes that found no place. */
export const OTHER_QUERIES = '(other)' as QueryFingerprint;
/** Characters of a statement that are kept. */
export const TEXT_LENGTH_MAX = 500;
/** Endpoints that are kept for each shape. */
export const LISTED_ENDPOINTS_MAX = 10;

const plan: SlicePlan<QueryCounts> = {
  levels: QUERY_LEVELS,
  create: () => new QueryCounts(),
  scratch: new QueryCounts(),
};

/** The queries of one shape, by slices of time, and where they ran. */
export class QuerySeries {
  readonly counts = new SlicedCounts(plan);
  readonly #fingerprint: QueryFingerprint;
  readonly #system: string;
  readonly #text: string;
  readonly #summary: string;
  readonly #endpoints: EndpointSeries[] = [];
  #unlistedEndpointsCount = 0;

  constructor({ fingerprint, system, text, summary }: Names) {
    this.#fingerprint = fingerprint;
    this.#system = system;
    this.#text = shortened(text);
    this.#summary = shortened(summary);
  }

  add(queries: MonitoredQueries, endpoint: EndpointSeries, elapsedMs: number): void {
    this.counts.at(elapsedMs).add(queries);
    if (this.#endpoints.includes(endpoint)) return;
    if (this.#endpoints.length < LISTED_ENDPOINTS_MAX) this.#endpoints.push(endpoint);
    else this.#unlistedEndpointsCount += queries.count;
  }

  /** As statistics, with the numbers of a window. */
  describe(numbers: QueryCounts): QueryStatistics {
    return {
      fingerprint: this.#fingerprint,
      system: this.#system,
      text: this.#text,
      summary: this.#summary,
      ...numbers.toNumbers(),
      endpoints: this.#endpoints.map(({ endpoint }): Endpoint => endpoint),
      unlistedEndpointsCount: this.#unlistedEndpointsCount,
    };
  }
}

type Names = Pick<MonitoredQueries, 'fingerprint' | 'system' | 'text' | 'summary'>;

/** A copy, for a part of a string keeps the whole of it in memory. */
function shortened(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${Buffer.from(text.slice(0, TEXT_LENGTH_MAX - 1)).toString()}…`;
}
