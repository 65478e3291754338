import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointNames, MAX_JOB_NAMES, MAX_PATH_TEMPLATES, pathTemplate } from '../../request/endpoint-names.ts';

describe('the endpoint of an HTTP request', () => {
  it('is the method and the route, whatever the path', () => {
    const names = new EndpointNames();
    expect(names.http('GET', '/users/:id', '/users/17', 200)).toBe('GET /users/:id');
    expect(names.http('POST', '/users/:id', undefined, 404)).toBe('POST /users/:id');
  });

  it.each([
    ['/users', 'GET /users'],
    ['/users/17', 'GET /users/{id}'],
    ['/users/17/posts?page=2', 'GET /users/{id}/posts'],
    ['/v1/oauth2/token', 'GET /v1/oauth2/token'],
    ['/', 'GET /'],
    ['', 'GET /'],
    ['?a=1', 'GET /'],
    ['/a//b/', 'GET /a//b/'],
    ['/files/report-final_v2.pdf', 'GET /files/report-final_v2.pdf'],
    ['/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'GET /u/{id}'],
    ['/u/jane@example.org', 'GET /u/{id}'],
    ['/u/jane%40example.org', 'GET /u/{id}'],
    ['/o/ORD2024', 'GET /o/{id}'],
    ['/t/6fd8d3', 'GET /t/{id}'],
    ['/d/2024-01-02', 'GET /d/{id}'],
    [`/long/${'x'.repeat(41)}`, 'GET /long/{id}'],
    [`/long/${'x'.repeat(40)}`, `GET /long/${'x'.repeat(40)}`],
    ['/a/b/c/d/e/f/g/h/i/j/k', 'GET /a/b/c/d/e/f/g/h/i/j/k'],
    ['/a/b/c/d/e/f/g/h/i/j/k/l', 'GET /a/b/c/d/e/f/g/h/i/j/k/…'],
    ['http://evil.example/x', 'GET {id}//evil.example/x'],
    ['/../../etc/passwd', 'GET /../../etc/passwd'],
    ["/x' OR 1=1--", 'GET /{id}'],
    ['/\u001b[31m', 'GET /{id}'],
    ['/a\n/b', 'GET /{id}/b'],
    ['/東京', 'GET /{id}'],
    ['*', 'GET {id}'],
  ])('without a route is a template of the path: %j', (path, endpoint) => {
    expect(new EndpointNames().http('GET', undefined, path, 200)).toBe(endpoint);
    expect(new EndpointNames().http('GET', '', path, 200)).toBe(endpoint);
  });

  it('has a name even when nothing is known', () => {
    expect(new EndpointNames().http('GET', undefined, undefined, 0)).toBe('GET /');
  });

  it.each(['get', 'PURGE', '', 'GET ', 'X'.repeat(5000), '__proto__', 'constructor'])(
    'has the method _OTHER for %j',
    (method) => {
      expect(new EndpointNames().http(method, '/users', undefined, 200)).toBe('_OTHER /users');
    },
  );

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY'])(
    'keeps the method %s',
    (method) => {
      expect(new EndpointNames().http(method, '/users', undefined, 200)).toBe(`${method} /users`);
    },
  );
});

describe('the bound on path templates', () => {
  /** Words of letters only, so that each is a template of its own. */
  const word = (n: number): string => `/w${String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26))}`;

  it('keeps 200; further paths share one name, and the first 200 keep theirs', () => {
    expect(MAX_PATH_TEMPLATES).toBe(200);
    const names = new EndpointNames();
    for (let n = 0; n < 200; n++) expect(names.http('GET', undefined, word(n), 200)).toBe(`GET ${word(n)}`);
    expect(names.http('GET', undefined, word(200), 200)).toBe('GET (other)');
    expect(names.http('GET', undefined, word(7), 200)).toBe(`GET ${word(7)}`);
    expect(names.http('POST', undefined, word(201), 500)).toBe('POST (other)');
  });

  it('is not touched by routes, which the application wrote', () => {
    const names = new EndpointNames();
    for (let n = 0; n < 1000; n++) names.http('GET', word(n), undefined, 200);
    expect(names.http('GET', undefined, '/first', 200)).toBe('GET /first');
  });

  it('is not touched by a 404: a scanner must not fill the list', () => {
    const names = new EndpointNames();
    for (let n = 0; n < 600; n++) expect(names.http('GET', undefined, word(n), 404)).toBe('GET (unmatched)');
    expect(names.http('GET', undefined, '/first', 200)).toBe('GET /first');
  });

  it('keeps the name of a known template for a 404 below it', () => {
    const names = new EndpointNames();
    names.http('GET', undefined, '/users/17', 200);
    expect(names.http('GET', undefined, '/users/18', 404)).toBe('GET /users/{id}');
  });
});

describe('the names of jobs, messages and remote procedures', () => {
  it('say what they are', () => {
    const names = new EndpointNames();
    expect(names.job('nightly-report')).toBe('job nightly-report');
    expect(names.message('orders')).toBe('consume orders');
    expect(names.rpc('grpc.health.v1.Health/Check')).toBe('rpc grpc.health.v1.Health/Check');
  });

  it('are bounded together: after 200, further ones share a name', () => {
    expect(MAX_JOB_NAMES).toBe(200);
    const names = new EndpointNames();
    for (let n = 0; n < 200; n++) expect(names.job(`job${n}`)).toBe(`job job${n}`);
    expect(names.job('one more')).toBe('job (other)');
    expect(names.message('one more')).toBe('consume (other)');
    expect(names.rpc('one more')).toBe('rpc (other)');
    expect(names.job('job7')).toBe('job job7');
  });

  it('are cut at 120 characters', () => {
    const names = new EndpointNames();
    expect(names.job('x'.repeat(5000))).toBe(`job ${'x'.repeat(120)}`);
    expect(names.job('x'.repeat(121))).toBe(`job ${'x'.repeat(120)}`);
  });
});

describe('a path template, whatever the path', () => {
  const digits = fc.integer({ min: 100, max: 999_999_999 }).map(String);
  const email = fc.emailAddress();
  const uuid = fc.uuid();
  const segment = fc.oneof(
    digits,
    email,
    uuid,
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('users', 'v1'),
  );
  const path = fc.array(segment, { maxLength: 20 }).map((segments) => `/${segments.join('/')}`);

  it('holds no run of three digits, no uuid, no e-mail address, no query, no control character', () => {
    fc.assert(
      fc.property(path, (path) => {
        const template = pathTemplate(path);
        // oxlint-disable-next-line no-control-regex
        expect(template).not.toMatch(/\d{3}|@|\?|[\u0000-\u001f\u007f]/);
        expect(template).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/i);
        expect(template.length).toBeLessThanOrEqual(13 * 41 + 2);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('is its own template', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('users', 'v1', '17', '', 'a-b', 'x9999'), { maxLength: 8 })
          .map((s) => `/${s.join('/')}`),
        (path) => {
          const template = pathTemplate(path);
          expect(pathTemplate(template.replaceAll('{id}', '17'))).toBe(template);
        },
      ),
      { seed: 2 },
    );
  });

  it('takes time in proportion to the path, of which it keeps little', () => {
    const template = pathTemplate('/a'.repeat(500_000));
    expect(template).toBe(`${'/a'.repeat(11)}/…`);
    expect(pathTemplate(`/${'1'.repeat(1_000_000)}`)).toBe('/{id}');
  });
});
