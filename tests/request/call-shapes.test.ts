import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHttpCall, describeKeyValueCommand, type CallShape } from '../../request/call-shapes.ts';

function http(method: string, url: string, template?: string): CallShape {
  const shape = describeHttpCall(method, url, template);
  if (shape === undefined) throw new Error(`${url} is no call`);
  return shape;
}

function command(text: string, system = 'redis'): CallShape {
  const shape = describeKeyValueCommand(text, system);
  if (shape === undefined) throw new Error(`${text} is not described`);
  return shape;
}

describe('the shape of an HTTP call', () => {
  it.each([
    ['GET', 'https://users.internal/users/17', 'GET users.internal/users/{id}'],
    ['GET', 'http://127.0.0.1:8080/v1/users/17/cart', 'GET 127.0.0.1:8080/v1/users/{id}/cart'],
    ['GET', 'https://[::1]:8443/a', 'GET [::1]:8443/a'],
    ['POST', 'https://users.internal', 'POST users.internal/'],
    ['GET', 'https://u.internal/users/4f1c2a9e-8d0b-4e5f-9c3d-2b1a0f9e8d7c', 'GET u.internal/users/{id}'],
    ['GET', 'https://jane:secret@users.internal/users?id=17#top', 'GET users.internal/users?id'],
    ['GET', 'https://u.internal/users?token=secret&expand=cart&id=1&id=2', 'GET u.internal/users?expand&id&token'],
    ['GET', 'https://u.internal/users?secret', 'GET u.internal/users?*'],
    ['GET', 'https://u.internal/users?a1b2c3=x&=y', 'GET u.internal/users?*'],
    ['GET', 'https://u.internal/v2/files/passport.pdf', 'GET u.internal/v2/files/{id}'],
    ['GET', 'https://u.internal/users/JaneSmith/order-items/', 'GET u.internal/users/{id}/order-items/'],
    ['GET', `https://u.internal/${'a'.repeat(24)}/${'a'.repeat(25)}`, `GET u.internal/${'a'.repeat(24)}/{id}`],
    ['GET', 'https://u.internal/oauth2/v100/a1', 'GET u.internal/{id}/{id}/{id}'],
    ['GET', `https://u.internal/?userId=1&${'a'.repeat(25)}=1&expand=x`, 'GET u.internal/?*&expand'],
    ['GET', `https://u.internal${'/a'.repeat(20)}`, `GET u.internal${'/a'.repeat(11)}/…`],
    ['get-it', 'https://u.internal/', '_OTHER u.internal/'],
  ])('%s %s is %s', (method, url, name) => {
    expect(http(method, url)).toMatchObject({ name, shape: name, patternHash: 0 });
  });

  it.each([
    ['/users/{id}', 'GET u.internal/users/{id}'],
    ['/users/{id}{?expand}', 'GET u.internal/users/{id}?q'],
    ['https://u.internal/users/:id?x=1', 'GET u.internal/users/:id?q'],
    ['users/{id}', 'GET u.internal/users/{id}'],
    ['', 'GET u.internal/users/jane'],
  ])('takes the path of the template %j for its own: %s', (template, name) => {
    const query = name.endsWith('?q') ? '?q=1' : '';
    expect(http('GET', `https://u.internal/users/jane${query}`, template).name).toBe(name);
  });

  it.each(['', 'nowhere', '/users/17', 'http://', 'ftp://a/b', 'data:text/plain,x', 'http://[::1'])(
    'is not there for %j, which is no URL of a call',
    (url) => expect(describeHttpCall('GET', url)).toBeUndefined(),
  );

  it('never throws, is bounded, and has one shape for every number in a place', () => {
    const number = fc.bigInt({ min: 100n, max: 10n ** 30n });
    fc.assert(
      fc.property(fc.string(), fc.string({ maxLength: 9000 }), (method, url) => void describeHttpCall(method, url)),
    );
    fc.assert(
      fc.property(number, number, fc.webQueryParameters(), (a, b, query) => {
        const [first, second] = [a, b].map((id) => http('GET', `https://u.internal/users/${id}?q=${id}&${query}`));
        expect(first?.shape).toBe(second?.shape);
        expect(first?.shape).not.toContain(String(a));
        expect(first?.shape.length).toBeLessThan(600);
        expect(first?.targetHash === second?.targetHash).toBe(a === b);
      }),
    );
  });

  it.each([
    'page',
    'page[number]',
    'page%5Bcursor%5D',
    'offset',
    'page_token',
    'nextPageToken',
    'cursor',
    'after',
    'skip',
  ])('has one target for all pages by %s, and says that it pages', (name) => {
    const pages = [1, 2, 3].map((n) => http('GET', `https://u.internal/users?limit=50&${name}=${n}`));
    expect(new Set(pages.map(({ targetHash }) => targetHash)).size).toBe(1);
    expect(pages.every(({ paginates }) => paginates)).toBe(true);
  });

  it('has different targets for the first pages of different lists', () => {
    const [a, b] = [17, 23].map((id) => http('GET', `https://u.internal/users/${id}/orders?offset=0`));
    expect(a?.targetHash).not.toBe(b?.targetHash);
    expect(http('GET', 'https://u.internal/users?limit=50').paginates).toBe(false);
  });

  it('has one target for the parts of one upload, and different ones for different uploads and for reads', () => {
    const target = (method: string, path: string): number => http(method, `https://s3.internal${path}`).targetHash;
    expect(target('PUT', '/uploads/7/parts/3')).toBe(target('PUT', '/uploads/7/parts/4'));
    expect(target('PUT', '/a.zip?partNumber=3&uploadId=x')).toBe(target('PUT', '/a.zip?partNumber=4&uploadId=x'));
    expect(target('PUT', '/uploads/7/parts/3')).not.toBe(target('PUT', '/uploads/8/parts/3'));
    expect(target('GET', '/parts/3')).not.toBe(target('GET', '/parts/4'));
  });

  it('has another target for another method, and tells long URLs apart by their end', () => {
    const long = `https://u.internal/${'x/'.repeat(3000)}`;
    const urls = [`${long}1`, `${long}2`].map((url) => http('GET', url).targetHash);
    expect(new Set([...urls, http('HEAD', `${long}1`).targetHash, 0]).size).toBe(4);
  });
});

describe('the shape of a key-value command', () => {
  it.each([
    ['get user:17', 'GET', 'GET w:*'],
    ['HGETALL user:17:cart', 'HGETALL', 'HGETALL w:*:*'],
    ['GET user:jane.doe@x.io', 'GET', 'GET w:*'],
    ['GET 4f1c2a9e-8d0b-4e5f-9c3d-2b1a0f9e8d7c', 'GET', 'GET *-*-*-*-*'],
    ['GET 17', 'GET', 'GET *'],
    ['GET {user}:17', 'GET', 'GET *:*'],
    ['GET a:b:c:d:e:f:g:h:i:j', 'GET', 'GET w:*:*:*:*:*:*:*…'],
    ['json.get doc/7 $', 'JSON.GET', 'JSON.GET w/*'],
    ['hgetall [1 other arguments]', 'HGETALL', 'HGETALL'],
    ['set user:17 [1 other arguments]', 'SET', 'SET w:*'],
  ])('%s is %s, %s', (text, name, shape) => {
    expect(command(text)).toMatchObject({ name, method: name, shape, paginates: false });
  });

  it.each(
    (
      'PING|MGET a b|SCAN 0|HSCAN h 0|SUBSCRIBE c|BLPOP q 0|XREAD STREAMS s 0|PUBLISH c|MULTI|EXEC|AUTH x|SELECT 1|' +
      'CLIENT SETINFO LIB-NAME x|EVAL s 1 k|INFO|connect|hello 3|GETTING x|WATCH k|KEYS *|DBSIZE|' +
      'a very long text that is no command at all|'
    ).split('|'),
  )('is not there for %j', (text) => expect(describeKeyValueCommand(text, 'redis')).toBeUndefined());

  it('knows the commands of memcached from those of Redis', () => {
    expect(command('delete user:17', 'memcached').name).toBe('DELETE');
    expect(describeKeyValueCommand('delete user:17', 'redis')).toBeUndefined();
    expect(describeKeyValueCommand('hgetall user:17', 'memcached')).toBeUndefined();
    expect(command('GET user:17', 'valkey').name).toBe('GET');
  });

  it('has one target for one key, whatever is done with it, and none where the key is not known', () => {
    expect(command('INCRBY hits 5').targetHash).toBe(command('INCRBY hits 7').targetHash);
    expect(command('GET user:17').targetHash).not.toBe(command('GET user:18').targetHash);
    expect(command('hgetall [1 other arguments]').targetHash).toBe(0);
  });

  it('tells keys of two kinds apart within the process alone', () => {
    const [user, other, order] = [command('GET user:17'), command('GET user:23'), command('GET order:17')];
    expect(user.patternHash).toBe(other.patternHash);
    expect(user.patternHash).not.toBe(order.patternHash);
    expect(user.shape).toBe(order.shape);
  });

  it('has no part of a key in what may leave the process', () => {
    const word = fc.stringMatching(/^[a-zQ0-9_@]{3,12}$/);
    const key = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 12 }), fc.constantFrom(':', '/', '.', '-', '|'))
      .map(([words, separator]) => words.join(separator));
    const name = fc.constantFrom('GET', 'HGETALL', 'SET', 'JSON.GET', 'incr');
    fc.assert(
      fc.property(name, key, (verb, text) => {
        const { shape, name: shown, method } = command(`${verb} ${text}`);
        expect(shown).toBe(verb.toUpperCase());
        expect(method).toBe(shown);
        // What is left beside the command is made of marks and separators.
        expect(shape.slice(shown.length)).toMatch(/^ [w*][*:/.\-|…]*$/);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 9000 }), (text) => void describeKeyValueCommand(text, 'redis')));
    expect(command(`GET ${'k'.repeat(100_000)}`).shape).toBe('GET *');
  });
});
