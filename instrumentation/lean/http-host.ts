import type { IncomingHttpHeaders } from 'node:http';

export interface Host {
  readonly address: string;
  readonly port: number | undefined;
}

/** Hosts whose parts are kept; a server has few, but the header is the client's. */
const MAX_HOSTS = 200;
/** The longest name that a host can have. */
const MAX_HOST_LENGTH = 255;
const known = new Map<string, Host>();
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** What the client asked for, by the proxy's headers before its own; as OpenTelemetry's HTTP instrumentation has it. */
export function serverHost(headers: IncomingHttpHeaders, scheme: string): Host | undefined {
  const forwarded = headers.forwarded;
  if (forwarded !== undefined) {
    const hop = firstHopWith('host', forwarded);
    if (hop !== undefined) return parseHost(hop['host'] ?? '', hop['proto']);
  }
  const forwardedHost = first(headers['x-forwarded-host']);
  if (forwardedHost !== undefined) return parseHost(forwardedHost, first(headers['x-forwarded-proto']));
  const { host } = headers;
  return host === undefined || host === '' ? undefined : hostOf(host, scheme);
}

/** The client's address by the proxy's headers, else that of the connection. */
export function clientAddress(headers: IncomingHttpHeaders, peerAddress: string | undefined): string | undefined {
  if (headers.forwarded !== undefined) {
    const client = firstHopWith('for', headers.forwarded)?.['for'];
    if (client !== undefined) return withoutPort(client);
  }
  const forwardedFor = first(headers['x-forwarded-for']);
  if (forwardedFor !== undefined) return withoutPort((forwardedFor.split(',', 1)[0] ?? '').trim());
  return peerAddress;
}

function hostOf(header: string, scheme: string): Host {
  const key = `${scheme} ${header}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  const host = parseHost(header, scheme);
  if (known.size < MAX_HOSTS && header.length <= MAX_HOST_LENGTH) known.set(key, host);
  return host;
}

/** `shop.example`, `shop.example:8080`, `[::1]`, `[::1]:8080`. */
function parseHost(header: string, scheme: string | undefined): Host {
  const parts = header.split(':');
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return { address: header, port: DEFAULT_PORTS[scheme ?? ''] };
  if (parts.length === 2) return { address: parts[0] ?? '', port: Number(last) };
  if (header.startsWith('[')) {
    if (last.endsWith(']')) return { address: header, port: DEFAULT_PORTS[scheme ?? ''] };
    if (parts.at(-2)?.endsWith(']') === true) return { address: parts.slice(0, -1).join(':'), port: Number(last) };
  }
  return { address: header, port: undefined };
}

/** Of `Forwarded: for=192.0.2.60;proto=http, for=…` (RFC 7239) the first hop that tells it; values without their quotes. */
function firstHopWith(name: string, header: string): Readonly<Record<string, string>> | undefined {
  for (const hop of header.split(',')) {
    const parameters: Record<string, string> = {};
    for (const pair of hop.split(';')) {
      const equals = pair.indexOf('=');
      if (equals === -1) continue;
      parameters[pair.slice(0, equals).trim().toLowerCase()] = pair
        .slice(equals + 1)
        .trim()
        .replaceAll(/^"|"$/g, '');
    }
    if (parameters[name] !== undefined && parameters[name] !== '') return parameters;
  }
  return undefined;
}

function withoutPort(address: string): string {
  const hostname = URL.parse(`http://${address}`)?.hostname;
  if (hostname === undefined) return address;
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}

function first(header: string | string[] | undefined): string | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  return value === '' ? undefined : value;
}
