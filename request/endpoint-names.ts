import type { Endpoint } from '../core/types.ts';

/** Path templates kept for requests without a route; further ones share `(other)`. */
export const MAX_PATH_TEMPLATES = 200;
/** Names kept for jobs, messages and remote procedures together. */
export const MAX_JOB_NAMES = 200;
const MAX_SEGMENTS = 12;
const MAX_SEGMENT_LENGTH = 40;
const HTTP_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']);

/**
 * Names endpoints with bounded cardinality. A route is the framework's and is trusted; a path without one is made a
 * template (`/u/17` → `/u/{id}`), and the templates are capped. A 404 adds no template: a scanner must not fill the list.
 */
export class EndpointNames {
  readonly #templates = new Set<string>();
  readonly #jobs = new Set<string>();

  /** `GET /users/:id`, or `GET /users/{id}` where the framework told no route. */
  http(method: string, route: string | undefined, path: string | undefined, statusCode: number): Endpoint {
    const verb = HTTP_METHODS.has(method) ? method : '_OTHER';
    if (route !== undefined && route !== '') return `${verb} ${route}` as Endpoint;
    return `${verb} ${this.#template(path ?? '/', statusCode)}` as Endpoint;
  }

  /** `consume orders`. */
  message(destination: string): Endpoint {
    return `consume ${capped(this.#jobs, destination)}` as Endpoint;
  }

  /** `rpc grpc.health.v1.Health/Check`: a server span that is no HTTP request. */
  rpc(spanName: string): Endpoint {
    return `rpc ${capped(this.#jobs, spanName)}` as Endpoint;
  }

  /** `job nightly-report`. */
  job(spanName: string): Endpoint {
    return `job ${capped(this.#jobs, spanName)}` as Endpoint;
  }

  #template(path: string, statusCode: number): string {
    const template = pathTemplate(path);
    if (this.#templates.has(template)) return template;
    if (statusCode === 404) return '(unmatched)';
    if (this.#templates.size >= MAX_PATH_TEMPLATES) return '(other)';
    this.#templates.add(template);
    return template;
  }
}

function capped(names: Set<string>, name: string): string {
  const short = name.slice(0, 120);
  if (names.has(short)) return short;
  if (names.size >= MAX_JOB_NAMES) return '(other)';
  names.add(short);
  return short;
}

/** `/u/17/posts` → `/u/{id}/posts`. A segment is kept only if it looks like a word of the program, not like a value. */
export function pathTemplate(path: string): string {
  const end = path.indexOf('?');
  const segments = (end === -1 ? path : path.slice(0, end)).split('/', MAX_SEGMENTS + 1);
  const kept = segments.slice(0, MAX_SEGMENTS).map((segment) => (isWord(segment) ? segment : '{id}'));
  return kept.join('/') + (segments.length > MAX_SEGMENTS ? '/…' : '') || '/';
}

/** Letters, `-`, `_`, `.`; digits only as in `v1` or `oauth2`: at most two, after a letter. */
function isWord(segment: string): boolean {
  if (segment.length > MAX_SEGMENT_LENGTH) return false;
  let digits = 0;
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i);
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    const isDigit = code >= 48 && code <= 57;
    if (isDigit) digits++;
    else if (!isLetter && code !== 45 && code !== 95 && code !== 46) return false;
    if (i === 0 && isDigit) return false;
  }
  return digits <= 2;
}
