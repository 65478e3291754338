import type { IncomingMessage } from 'node:http';
import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestAttributes } from '../../../instrumentation/lean/http-request-attributes.ts';

interface OfficialUtils {
  getIncomingRequestAttributes(
    request: IncomingMessage,
    options: { component: string; redactedQueryParams?: string[]; enableSyntheticSourceDetection: boolean },
    logger: { verbose(): void },
  ): Attributes;
}

/** Not exported by the package; what it writes is the standard that ours is held to. */
const OFFICIAL = new URL('../../../node_modules/@opentelemetry/instrumentation-http/dist/utils.mjs', import.meta.url);
const official = (await import(OFFICIAL.href)) as OfficialUtils;

function requestOf(url: string, headers: Record<string, string> = {}, method = 'GET'): IncomingMessage {
  const socket = { remoteAddress: '10.0.0.7', remotePort: 51_234 };
  return { url, headers, method, httpVersion: '1.1', socket } as unknown as IncomingMessage;
}

function officialAttributes(request: IncomingMessage, component: string): Attributes {
  const options = { component, enableSyntheticSourceDetection: false };
  const attributes = official.getIncomingRequestAttributes(request, options, { verbose: () => undefined });
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function expectSame(request: IncomingMessage, scheme: 'http' | 'https' = 'http'): void {
  expect(requestAttributes(request, scheme)).toEqual(officialAttributes(request, scheme));
}

describe('what is known of a request when it comes is what the official instrumentation writes', () => {
  it.each([
    '/',
    '/users/17',
    '/users/17?a=1&b=2',
    '/users?',
    '/users?a',
    '/users?a=1&&b=',
    '/users?q=%20x+y~z',
    '/a//b',
    '//host/path',
    '/a/../b',
    '/a/./b',
    '/ünï?ä=ö',
    '/a b',
    "/quote'(x)",
    '/pipe|back\\slash',
    '/sig?sig=secret&Signature=s&AWSAccessKeyId=a&X-Goog-Signature=g&design=1',
    '/fragment#part?x=1',
    '*',
    'http://other.example/path?x=1',
    'other.example:443',
    '',
  ])('for the target %j', (url) => {
    expectSame(requestOf(url, { host: 'shop.example:8080', 'user-agent': 'test' }));
    expectSame(requestOf(url));
  });

  it.each([
    { host: 'shop.example' },
    { host: 'shop.example:8080' },
    { host: '127.0.0.1:51234' },
    { host: '[::1]' },
    { host: '[::1]:3000' },
    { host: '::1' },
    { host: 'bad host' },
    { host: 'user@shop.example' },
    { host: 'shop.example:99999' },
    { host: '999.1.1.1' },
    { host: 'shop.example/x' },
    { host: '' },
    { 'x-forwarded-host': 'front.example', 'x-forwarded-proto': 'https', host: 'inner' },
    { 'x-forwarded-host': 'front.example', host: 'inner' },
    { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' },
    { 'x-forwarded-for': '203.0.113.9:8080' },
    { 'x-forwarded-for': '[2001:db8::1]:8080' },
    { 'x-forwarded-for': 'unknown' },
    { forwarded: 'for=192.0.2.60;proto=https;host=front.example;by=203.0.113.43' },
    { forwarded: 'for="[2001:db8:cafe::17]:4711"' },
    { forwarded: 'For=192.0.2.43, for=198.51.100.17' },
    { forwarded: 'proto=https, host=second.example' },
    { forwarded: 'host="front.example:8443";proto=https' },
    { forwarded: '' },
  ])('for the headers %j', (headers: Record<string, string>) => {
    expectSame(requestOf('/x?y=1', headers));
    expectSame(requestOf('/x?y=1', headers), 'https');
  });

  it.each(['GET', 'get', 'QUERY', 'PURGE', 'patch'])('for the method %s', (method) => {
    expectSame(requestOf('/', { host: 'h' }, method));
  });

  it('for whatever target and host come', () => {
    const target = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }).map((url) => url.replace(/^https?:\/\/[^/]*/, '')),
      fc.string().map((text) => `/${text}`),
      fc.stringMatching(/^\/[a-z.~%+&=?/-]*$/),
      fc.webQueryParameters().map((query) => `/search?${query}`),
    );
    const host = fc.oneof(
      fc.domain(),
      fc.string(),
      fc.ipV6(),
      fc.ipV4().map((ip) => `${ip}:80`),
    );
    fc.assert(
      fc.property(target, fc.option(host, { nil: undefined }), (url, name) => {
        expectSame(requestOf(url, name === undefined ? {} : { host: name }));
      }),
      { numRuns: 3000 },
    );
  });
});
