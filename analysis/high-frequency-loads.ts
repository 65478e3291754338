import type { AnalyzedRequest, Endpoint } from '../core/types.ts';
import { combinedSavedMs } from './analyze-endpoint-savings.ts';

/** Endpoints that are counted by name; requests of further ones are counted together. */
export const MAX_LOADS = 1000;

/** The requests of an endpoint, added up. Milliseconds. */
export interface EndpointLoad {
  requestCount: number;
  totalMs: number;
  /** What fixing their findings would have saved, from the least to the most. */
  savedLowMs: number;
  savedHighMs: number;
}

/** Adds up the load of each endpoint: one look-up per request and, but for a new endpoint, no allocation. Bounded. */
export class EndpointLoads {
  readonly #loads = new Map<Endpoint, EndpointLoad>();
  readonly #maxEndpoints: number;
  readonly #other: EndpointLoad = { requestCount: 0, totalMs: 0, savedLowMs: 0, savedHighMs: 0 };

  constructor(maxEndpoints: number = MAX_LOADS) {
    this.#maxEndpoints = maxEndpoints;
  }

  /** What lasts as long as the client likes counts nowhere: a request that it left, a stream, a WebSocket. */
  add(request: AnalyzedRequest): void {
    const { endpoint, durationMs, findings } = request;
    if (request.aborted || request.connection !== 'request' || !(durationMs >= 0 && durationMs < Infinity)) return;
    const load = this.#loads.get(endpoint) ?? this.#addEndpoint(endpoint);
    load.requestCount++;
    load.totalMs += durationMs;
    if (findings.length === 0) return;
    const [lowMs, highMs] = combinedSavedMs(findings, durationMs);
    load.savedLowMs += lowMs;
    load.savedHighMs += highMs;
  }

  entries(): Iterable<readonly [Endpoint, EndpointLoad]> {
    return this.#loads;
  }

  /** Milliseconds of all requests, those beyond the bound included. */
  get totalMs(): number {
    let totalMs = this.#other.totalMs;
    for (const load of this.#loads.values()) totalMs += load.totalMs;
    return totalMs;
  }

  /** Requests of endpoints beyond the bound. */
  get requestsInOther(): number {
    return this.#other.requestCount;
  }

  #addEndpoint(endpoint: Endpoint): EndpointLoad {
    if (this.#loads.size >= this.#maxEndpoints) return this.#other;
    const load: EndpointLoad = { requestCount: 0, totalMs: 0, savedLowMs: 0, savedHighMs: 0 };
    this.#loads.set(endpoint, load);
    return load;
  }
}
