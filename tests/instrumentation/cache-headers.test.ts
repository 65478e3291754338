import { describe, expect, it } from 'vitest';
import { runApp } from '../support/app-process.ts';
import type { ReceivedSpan } from '../support/otlp-receiver.ts';

const OWN = 'cdn; fwd=uri-miss';

interface Answers {
  readonly headers: Readonly<Record<string, Headers>>;
  readonly spans: readonly ReceivedSpan[];
  readonly stderr: string;
}

async function answersTo(paths: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Answers> {
  const headers: Record<string, Headers> = {};
  const { receiver, app } = await runApp({ file: 'tests/fixtures/app-cache-use.mjs', env }, async (url) => {
    for (const path of paths) {
      const response = await fetch(url + path);
      await response.arrayBuffer();
      headers[path] = response.headers;
    }
  });
  return { headers, spans: receiver.spans.filter(({ kind }) => kind === 'SERVER'), stderr: app.stderr };
}

describe('X-Cache-Hit', () => {
  it('says whether all that was looked up was found, so far, and is absent where nothing was', async () => {
    const { headers } = await answersTo([
      '/a?results=hit',
      '/a?results=hit,stale',
      '/a?results=hit,miss',
      '/a?results=hit,coalesced',
      '/a?results=error',
      '/a?results=bypass',
      '/a?results=hit&late',
      '/a',
    ]);
    const found = Object.fromEntries(Object.entries(headers).map(([path, all]) => [path, all.get('x-cache-hit')]));
    expect(found).toEqual({
      '/a?results=hit': 'true',
      '/a?results=hit,stale': 'true',
      '/a?results=hit,miss': 'false',
      '/a?results=hit,coalesced': 'false',
      '/a?results=error': 'false',
      '/a?results=bypass': null,
      '/a?results=hit&late': 'true',
      '/a': null,
    });
    for (const all of Object.values(headers)) expect(all.get('cache-status')).toBeNull();
  });

  it('stays the application’s where it has set one, and goes with the other headers', async () => {
    const path = '/own-hit?results=miss';
    expect((await answersTo([path])).headers[path]?.get('x-cache-hit')).toBe('mine');
    const off = await answersTo([path, '/a?results=hit'], { SLOWPATH_RESPONSE_HEADERS: 'off' });
    expect(off.headers['/a?results=hit']?.get('x-cache-hit')).toBeNull();
  });
});

describe('Cache-Status', () => {
  it('is written where it is asked for, under the name that was given', async () => {
    const paths = [
      '/a?results=hit,hit',
      '/a?results=stale&fresh=-1500',
      '/a?results=hit,hit,hit,miss',
      '/a?results=hit,coalesced',
      '/a?results=bypass',
      '/a',
    ];
    const { headers, stderr } = await answersTo(paths, { SLOWPATH_CACHE_STATUS: 'shop' });
    expect(paths.map((path) => headers[path]?.get('cache-status'))).toEqual([
      'shop; hit; ttl=42',
      'shop; hit; ttl=-2',
      'shop; fwd=miss; detail="hits=3 lookups=4"',
      'shop; fwd=miss; collapsed; detail="hits=1 lookups=2"',
      'shop; fwd=bypass',
      null,
    ]);
    expect(stderr).not.toMatch(/fault|has no effect/);
  });

  it('stands behind what the application has set, however it was set, and changes nothing else', async () => {
    const query = '?results=hit';
    const single = ['/set-header', '/write-head-object', '/write-head-array', '/pairs', '/both', '/both-array'];
    const lines = ['/set-header-lines', '/write-head-lines'];
    const all = [...single, ...lines, '/set-other'].map((path) => path + query);
    const { headers } = await answersTo(all, { SLOWPATH_CACHE_STATUS: 'shop' });
    const status = (path: string): string | null | undefined => headers[path + query]?.get('cache-status');
    for (const path of single) expect(status(path), path).toBe(`${OWN}, shop; hit; ttl=42`);
    for (const path of lines) expect(status(path), path).toBe(`${OWN}, edge; hit, shop; hit; ttl=42`);
    expect(status('/set-other')).toBe('shop; hit; ttl=42');
    for (const path of all) expect(headers[path]?.get('x-cache-hit'), path).toBe('true');
    for (const path of ['/both', '/both-array', '/set-other', '/pairs', '/write-head-lines'])
      expect(headers[path + query]?.get('x-a'), path).toBe('1');
    expect(headers[`/set-other${query}`]?.get('x-b')).toBe('2');
  });

  it('leaves the application’s alone where it is not asked for, or nothing was looked up', async () => {
    const asked = await answersTo(['/set-header', '/write-head-array'], { SLOWPATH_CACHE_STATUS: 'shop' });
    const notAsked = await answersTo(['/set-header?results=hit', '/write-head-array?results=hit']);
    for (const all of [...Object.values(asked.headers), ...Object.values(notAsked.headers)])
      expect(all.get('cache-status')).toBe(OWN);
  });

  it('cannot carry what is no name', async () => {
    const { headers, stderr } = await answersTo(['/a?results=hit'], { SLOWPATH_CACHE_STATUS: 'my shop' });
    expect(headers['/a?results=hit']?.get('cache-status')).toBeNull();
    expect(stderr).toContain('SLOWPATH_CACHE_STATUS="my shop" is not a name');
  });
});

describe('the span of a request that looks things up', () => {
  it('has what the header says, what came after it, and how much was saved', async () => {
    const { spans } = await answersTo([
      '/a?results=hit,hit,stale&late',
      '/a?results=bypass',
      '/a?results=hit,coalesced,error,miss',
      '/a',
    ]);
    const cache = spans.map(({ attributes }) =>
      Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith('cache.'))),
    );
    expect(cache).toHaveLength(4);
    expect(cache).toEqual(
      expect.arrayContaining([
        {
          'cache.lookup_count': 4,
          'cache.hit_count': 3,
          'cache.miss_count': 1,
          'cache.coalesced_count': 0,
          'cache.stale_count': 1,
          'cache.error_count': 0,
          'cache.hit_ratio': 0.75,
          'cache.hit': false,
          'cache.compute_time': 0,
          'cache.saved_time': 0.06,
        },
        {
          'cache.lookup_count': 4,
          'cache.hit_count': 1,
          'cache.miss_count': 1,
          'cache.coalesced_count': 1,
          'cache.stale_count': 0,
          'cache.error_count': 1,
          'cache.hit_ratio': 0.25,
          'cache.hit': false,
          'cache.compute_time': 0.015,
          'cache.saved_time': 0.02,
        },
        {},
      ]),
    );
    expect(cache.filter((attributes) => Object.keys(attributes).length === 0)).toHaveLength(2);
  });

  it('says that all was found', async () => {
    const { spans } = await answersTo(['/a?results=hit,stale']);
    expect(spans[0]?.attributes).toMatchObject({ 'cache.hit': true, 'cache.hit_ratio': 1, 'cache.hit_count': 2 });
  });
});
