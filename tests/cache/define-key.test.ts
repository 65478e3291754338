import { describe, expect, it } from 'vitest';
import { defineCounter } from '../../cache/define-counter.ts';
import { defineKey } from '../../cache/define-key.ts';
import { hashKeyPart } from '../../cache/hash-key-part.ts';
import { KEY_PATTERNS_MAX } from '../../cache/key-registry.ts';
import { openKey } from '../../cache/open-key.ts';

/** As code that no compiler has seen may call it. */
type Unchecked = (params?: Record<string, unknown>) => unknown;

function unchecked(fill: unknown): Unchecked {
  return fill as Unchecked;
}

describe('a key', () => {
  const settings = defineKey<{ theme: string }>()('user:{userId}:settings', {
    ttl: 600,
    staleSeconds: 60,
    tags: ['user:{userId}', 'users'],
  });

  it('has its parameters in its text, its tags filled in, and its definition', () => {
    expect(settings({ userId: 'u17' })).toMatchObject({
      key: 'user:userId=u17:settings',
      tags: ['user:u17', 'users'],
      definition: {
        pattern: 'user:{userId}:settings',
        ttl: 600,
        staleSeconds: 60,
        scope: 'user',
        tagPatterns: ['user:{userId}', 'users'],
      },
    });
  });

  it('shares one definition with all keys of its pattern, and nobody can change it', () => {
    expect(settings({ userId: 1 }).definition).toBe(settings.definition);
    expect(settings.pattern).toBe('user:{userId}:settings');
    for (const part of [settings, settings.definition, settings.definition.tagPatterns]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('takes a number, a bigint and a text that read the same for the same, as they are one id', () => {
    const keys = [17, 17n, '17'].map((userId) => settings({ userId }).key);
    expect(new Set(keys).size).toBe(1);
    expect(settings({ userId: -0 }).key).toBe(settings({ userId: 0 }).key);
  });

  it('keeps the tags that it had when it was made', () => {
    const params = { userId: 'before' };
    const key = settings(params);
    params.userId = 'after';
    expect(key.tags).toEqual(['user:before', 'users']);
    expect(key.tags).toBe(key.tags);
  });

  it('needs no parameters when its pattern has none', () => {
    const all = defineKey<string[]>()('users:all', { ttl: 60 });
    expect(all()).toMatchObject({ key: 'users:all', tags: [], definition: { scope: 'shared', staleSeconds: 0 } });
  });

  it('fills in one of its tags by itself, with the parameters of that tag alone', () => {
    expect(settings.tag('user:{userId}', { userId: 'a:b' })).toBe('user:a%3ab');
    expect(settings.tag('users')).toBe('users');
    expect(settings({ userId: 'a:b' }).tags).toContain(settings.tag('user:{userId}', { userId: 'a:b' }));
  });

  it('has tags whose parameters stand in another order than in the key', () => {
    const page = defineKey()('page:{site}:{language}', { ttl: 60, tags: ['texts:{language}:{site}', '{site}'] });
    expect(page({ site: 'docs', language: 'de' }).tags).toEqual(['texts:de:docs', 'docs']);
  });

  it('has a tag once that was named twice, and its tags in the order of their patterns', () => {
    const twice = defineKey()('tagged-twice:{id}', { ttl: 60, tags: ['{id}', 'all', '{id}'] });
    expect(twice.definition.tagPatterns).toEqual(['{id}', 'all']);
    expect(twice({ id: 7 }).tags).toEqual(['7', 'all']);
  });

  it('writes the tag of an id without ":", "%" and braces as one would by hand', () => {
    expect(settings({ userId: "o'brien+é@example.org" }).tags[0]).toBe("user:o'brien+é@example.org");
  });

  it('has the version in its text, and not in its pattern', () => {
    const [second, third] = [2, 3].map((version) => {
      const pattern = `versioned-${version}:{id}` as const;
      return defineKey()(pattern, { ttl: 60, version, tags: ['{id}'] });
    });
    expect(second?.({ id: 'x' })).toMatchObject({
      key: 'versioned-2:id=x:=2',
      tags: ['x'],
      definition: { pattern: 'versioned-2:{id}' },
    });
    expect(third?.({ id: 'x' }).key).toBe('versioned-3:id=x:=3');
  });
});

describe('a parameter', () => {
  const find = unchecked(defineKey<string>()('search:{index}:{term}', { ttl: 60, tags: ['search:{index}'] }));

  it.each([
    ['that is missing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['that is an empty text', '', 'empty'],
    ['NaN', Number.NaN, 'not a finite number'],
    ['Infinity', Infinity, 'not a finite number'],
    ['that is an object', { secret: 1 }, 'of type object'],
    ['that is a list', ['secret'], 'of type object'],
    ['that is true', true, 'of type boolean'],
    ['that is a symbol', Symbol('secret'), 'of type symbol'],
    ['that is a function', () => 'secret', 'of type function'],
  ])('%s is refused by name', (_name, term, what) => {
    expect(() => find({ index: 'docs', term })).toThrow(
      expect.objectContaining({
        name: 'SetupError',
        code: 'SLOWPATH_CACHE_KEY_PART',
        message:
          `cache key search:{index}:{term}: the parameter {term} is ${what}. ` +
          'Pass a text that is not empty, a finite number or a bigint.',
      }),
    );
  });

  it('is refused without any parameters, and when it would come from Object.prototype', () => {
    expect(() => find()).toThrow('{index} is undefined');
    const poisoned = unchecked(defineKey()('poisoned:{constructor}:{__proto__}', { ttl: 1 }));
    expect(() => poisoned({})).toThrow('{constructor} is of type function');
    expect(() => poisoned({ constructor: 'x' })).toThrow('{__proto__} is of type object');
  });

  it('may be 128 characters long; a longer one is to be hashed, and stays out of the message', () => {
    expect(() => find({ index: 'docs', term: 'x'.repeat(128) })).not.toThrow();
    const long = 'secret'.repeat(22);
    expect(() => find({ index: 'docs', term: long })).toThrow('longer than 128 characters. Pass hashKeyPart(text)');
    expect(() => find({ index: 'docs', term: 10n ** 128n })).toThrow('longer than 128 characters');
    expect(() => find({ index: 'docs', term: long })).not.toThrow('secret');
    expect(() => find({ index: 'docs', term: hashKeyPart(long) })).not.toThrow();
  });

  it.each(['undefined', 'null', 'NaN', '[object Object]'])('is no user when it reads %s', (text) => {
    const pattern = `owned-${text.length}:{userId}` as const;
    const owned = defineKey()(pattern, { ttl: 60 });
    expect(() => owned({ userId: text })).toThrow('{userId} is the text of a missing value');
    expect(() => find({ index: text, term: text })).not.toThrow();
  });

  it('is any text where {userId} is not whose data it is', () => {
    const shared = defineKey()('public-profile:{userId}', { ttl: 60, scope: 'shared' });
    expect(shared.definition.scope).toBe('shared');
    expect(() => shared({ userId: 'null' })).not.toThrow();
  });
});

describe('a definition', () => {
  it('says what was left out when the empty parentheses were', () => {
    const direct = defineKey as unknown as (pattern: string, options: object) => unknown;
    expect(() => direct('a:{b}', { ttl: 1 })).toThrow(/its first parentheses take nothing/);
  });

  const define: (pattern: unknown, options?: unknown) => Unchecked = defineKey() as never;

  it.each([
    '',
    ':',
    'a:',
    ':a',
    'a::b',
    'user:{userId',
    'user:userId}',
    'x{id}',
    '{id}x',
    '{a}{b}',
    '{}',
    '{1}',
    'ä',
    'a b',
    'a=b',
    'a%b',
    '{{a}}',
    '{a:b}',
  ])('refuses the pattern "%s"', (pattern) => {
    expect(() => define(pattern, { ttl: 1 })).toThrow(
      expect.objectContaining({ code: 'SLOWPATH_CACHE_PATTERN', message: expect.stringContaining('no segment') }),
    );
  });

  it.each([
    [{}, 'ttl is a finite number'],
    [undefined, 'ttl is a finite number'],
    [{ ttl: 0 }, 'ttl is a finite number'],
    [{ ttl: '60' }, 'ttl is a finite number'],
    [{ ttl: Infinity }, 'ttl is a finite number'],
    [{ ttl: 1, staleSeconds: -1 }, 'staleSeconds is'],
    [{ ttl: 1, version: 0 }, 'version is'],
    [{ ttl: 1, version: 1.5 }, 'version is'],
    [{ ttl: 1, tags: 'users' }, 'tags is a list'],
    [{ ttl: 1, tags: ['user:{id}'] }, 'the key has no parameter {id}'],
    [{ ttl: 1, tags: ['two words'] }, '"two words" is no segment'],
    [{ ttl: 1, scope: 'user' }, "scope 'user' needs {userId}"],
    [{ ttl: 1, scope: 'tenant' }, "scope is 'shared' or 'user'"],
  ])('refuses the options %j', (options, message) => {
    expect(() => define('refused:{x}', options)).toThrow(message);
    expect(() => define('refused:{x}', { ttl: 1 })).not.toThrow();
  });

  it('says all that is wrong with it at once', () => {
    expect(() => define(1, { ttl: 0, version: 0, scope: 'user' })).toThrow(
      /the pattern is a text.*ttl is.*version is.*scope 'user' needs/,
    );
  });

  it('may be repeated, and not changed', () => {
    const first = define('twice:{id}', { ttl: 60, tags: ['{id}'] });
    const again = define('twice:{id}', { ttl: 60, tags: ['{id}'], staleSeconds: 0, version: 1, scope: 'shared' });
    expect(again({ id: 1 })).toMatchObject({ key: (first({ id: 1 }) as { key: string }).key });
    for (const change of [{ ttl: 61 }, { tags: [] }, { staleSeconds: 1 }, { version: 2 }]) {
      expect(() => define('twice:{id}', { ttl: 60, tags: ['{id}'], ...change })).toThrow(
        'twice:{id} is already defined',
      );
    }
    expect(() => defineCounter('twice:{id}')).toThrow('twice:{id} is already defined');
  });

  it('refuses a tag that the pattern has not', () => {
    const one = defineKey()('one-tag:{id}', { ttl: 1, tags: ['one:{id}'] });
    const tag = one.tag as (tag: string, params?: object) => string;
    expect(() => tag('other:{id}', { id: 1 })).toThrow('has no tag other:{id}. It has one:{id}.');
    expect(() => tag('one:{id}')).toThrow('tag one:{id} of the cache key one-tag:{id}: the parameter {id} is');
  });
});

describe('a pattern of the package', () => {
  it('counts as defined once it has made a key, and not before', () => {
    const unused = openKey('open:{id}', { ttl: 60 });
    const own = defineKey<number>()('open:{id}', { ttl: 5 });
    expect(own({ id: 1 }).definition.ttl).toBe(5);
    expect(() => unused({ id: 1 })).toThrow('open:{id} is already defined');

    const used = openKey('open-used:{id}', { ttl: 60 });
    used({ id: 1 });
    expect(() => defineKey<number>()('open-used:{id}', { ttl: 5 })).toThrow('open-used:{id} is already defined');
  });
});

describe('a counter', () => {
  it('has a key and nothing that a value needs', () => {
    const logins = defineCounter('logins:{addressHash}');
    const addressHash = hashKeyPart('192.0.2.7');
    expect(logins({ addressHash })).toEqual({
      kind: 'counter',
      key: `logins:addressHash=${addressHash}`,
      definition: { pattern: 'logins:{addressHash}' },
    });
  });
});

// Fills the registry of this file's process: the last test.
it(`refuses more than ${KEY_PATTERNS_MAX} patterns, which only values in patterns can be`, () => {
  const define: (pattern: string, options: object) => unknown = defineKey() as never;
  const defineAll = (): void => {
    for (let n = 0; n <= KEY_PATTERNS_MAX; n++) define(`leak:${n}`, { ttl: 1 });
  };
  expect(defineAll).toThrow(`beyond the ${KEY_PATTERNS_MAX} patterns`);
  expect(() => define('leak:0', { ttl: 1 })).not.toThrow();
});
