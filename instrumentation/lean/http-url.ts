export interface UrlParts {
  readonly path: string | undefined;
  /** Without `?`; `undefined` where there is none. */
  readonly query: string | undefined;
}

/** Paths and queries that come out of `URL` as they went in: nearly all do, and `URL` costs as much as a span. */
const PLAIN_PATH = /^(?:\/[\w.~!$&'()*+,;=:@-]*)+$/;
const PLAIN_QUERY = /^[\w.*-]+=[\w.*+-]*(?:&[\w.*-]+=[\w.*+-]*)*$/;
/** Signatures that open what they stand at: OpenTelemetry redacts these in every URL. */
const SECRET_PARAMETERS = ['sig', 'Signature', 'AWSAccessKeyId', 'X-Goog-Signature'];

/** The path and the query of a request's target, as `URL` reads it, with signatures redacted. */
export function urlPartsOf(target: string, scheme: string, host: string | undefined): UrlParts {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question + 1);
  const isPlain = PLAIN_PATH.test(path) && !path.startsWith('//') && !path.includes('/.');
  if (isPlain && isPlainHost(host)) {
    if (query === '') return { path, query: undefined };
    if (PLAIN_QUERY.test(query) && !SECRET_PARAMETERS.some((name) => query.includes(name))) return { path, query };
  }
  const url = URL.parse(target, `${scheme}://${host ?? 'localhost'}`);
  if (url === null) return { path: undefined, query: undefined };
  return {
    path: url.pathname,
    query: url.search === '' ? undefined : redacted(new URLSearchParams(url.search.slice(1))),
  };
}

/** Hosts that are known to be some: a server has few, but the header is the client's. */
const MAX_HOSTS = 200;
/** The longest name that a host can have. */
const MAX_HOST_LENGTH = 255;
const hosts = new Map<string, boolean>();

/** A host that is none makes the whole URL one that cannot be read. */
function isPlainHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  const known = hosts.get(host);
  if (known !== undefined) return known;
  const isPlain = host !== '' && !/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`);
  if (hosts.size < MAX_HOSTS && host.length <= MAX_HOST_LENGTH) hosts.set(host, isPlain);
  return isPlain;
}

function redacted(parameters: URLSearchParams): string {
  for (const name of SECRET_PARAMETERS) if (parameters.has(name)) parameters.set(name, 'REDACTED');
  return parameters.toString();
}
