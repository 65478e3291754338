import type { IncomingMessage } from 'node:http';
import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '../../core/semconv.ts';
import { clientAddress, serverHost } from './http-host.ts';
import { urlPartsOf } from './http-url.ts';

const KNOWN_METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);

/** What is known of a request when it comes: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server */
export function requestAttributes(request: IncomingMessage, scheme: 'http' | 'https'): Attributes {
  const { headers, socket, method = 'GET' } = request;
  const known = KNOWN_METHODS.has(method) ? method : normalized(method);
  const { path, query } = urlPartsOf(request.url ?? '/', scheme, headers.host || undefined);
  const server = serverHost(headers, scheme);
  const { remoteAddress, remotePort } = socket;
  const client = clientAddress(headers, remoteAddress);
  const userAgent = headers['user-agent'];
  const attributes: Attributes = { [ATTR_HTTP_REQUEST_METHOD]: known, [ATTR_URL_SCHEME]: scheme };
  if (server !== undefined) attributes[ATTR_SERVER_ADDRESS] = server.address;
  if (remoteAddress !== undefined) attributes[ATTR_NETWORK_PEER_ADDRESS] = remoteAddress;
  if (remotePort !== undefined) attributes[ATTR_NETWORK_PEER_PORT] = remotePort;
  attributes[ATTR_NETWORK_PROTOCOL_VERSION] = request.httpVersion;
  if (userAgent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
  if (path !== undefined) attributes[ATTR_URL_PATH] = path;
  if (query !== undefined) attributes[ATTR_URL_QUERY] = query;
  if (client !== undefined) attributes[ATTR_CLIENT_ADDRESS] = client;
  if (server?.port !== undefined) attributes[ATTR_SERVER_PORT] = server.port;
  if (method !== known) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = method;
  return attributes;
}

function normalized(method: string): string {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : '_OTHER';
}
