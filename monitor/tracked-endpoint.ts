import type { Endpoint } from '../core/types.ts';

const LENGTH_MAX = 200;
const SEGMENT_LENGTH_MAX = 40;

/**
 * `get` and `/orders/:id` make `GET /orders/:id`. A path that was given for a route gets no further: what stands behind `?`
 * is cut off, and segments that start with a digit or are very long become `{id}`.
 */
export function trackedEndpoint(endpoint: string, method: string): Endpoint {
  const [path = ''] = String(endpoint).split(/[?#]/, 1);
  const segments = path.slice(0, LENGTH_MAX).split('/');
  const route = segments.map((segment) => (isValue(segment) ? '{id}' : segment)).join('/');
  return `${String(method).toUpperCase().slice(0, 20)} ${route}`.trim() as Endpoint;
}

function isValue(segment: string): boolean {
  return segment.length > SEGMENT_LENGTH_MAX || /^\d/.test(segment);
}
