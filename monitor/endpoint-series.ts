import type { Endpoint } from '../core/types.ts';
import { RequestCounts } from './request-counts.ts';
import { SlicedCounts, type SlicePlan } from './sliced-counts.ts';
import { ENDPOINT_LEVELS } from './windows.ts';

/** Under this name stand the requests of all endpoints that found no place. */
export const OTHER_ENDPOINTS = '(other)' as Endpoint;

const plan: SlicePlan<RequestCounts> = {
  levels: ENDPOINT_LEVELS,
  create: () => new RequestCounts(),
  scratch: new RequestCounts(),
};

/** The requests of one endpoint, by slices of time. */
export class EndpointSeries {
  readonly endpoint: Endpoint;
  readonly counts = new SlicedCounts(plan);

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }
}
