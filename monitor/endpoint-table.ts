import type { Endpoint, RequestRecord } from '../core/types.ts';
import { RequestCounts } from './request-counts.ts';

/** Under this name stand the requests of all endpoints that found no place. */
export const OTHER_ENDPOINTS = '(other)' as Endpoint;

/** Request counts by endpoint, for one stretch of time. At most `maxEndpoints` names, and `(other)`. */
export class EndpointTable {
  readonly #maxEndpoints: number;
  readonly #counts = new Map<Endpoint, RequestCounts>();
  #other: RequestCounts | undefined;
  #requestsInOther = 0;

  constructor(maxEndpoints: number) {
    this.#maxEndpoints = maxEndpoints;
  }

  /** Requests that were counted as `(other)`. */
  get requestsInOther(): number {
    return this.#requestsInOther;
  }

  add(record: RequestRecord, slowRequestMinMs: number): void {
    this.#countsFor(record.endpoint).add(record, slowRequestMinMs);
  }

  /** All endpoints, `(other)` last if there is one. */
  *entries(): Iterable<readonly [Endpoint, RequestCounts]> {
    yield* this.#counts;
    if (this.#other !== undefined) yield [OTHER_ENDPOINTS, this.#other];
  }

  #countsFor(endpoint: Endpoint): RequestCounts {
    const known = this.#counts.get(endpoint);
    if (known !== undefined) return known;
    // The name `(other)` is taken, should an endpoint ever have it.
    if (this.#counts.size >= this.#maxEndpoints || endpoint === OTHER_ENDPOINTS) {
      this.#requestsInOther++;
      this.#other ??= new RequestCounts();
      return this.#other;
    }
    const created = new RequestCounts();
    this.#counts.set(endpoint, created);
    return created;
  }
}
