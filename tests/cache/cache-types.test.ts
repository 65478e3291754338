import { expectTypeOf, it } from 'vitest';
import { defineKey, type CacheManager } from '../../cache/index.ts';

declare const cache: CacheManager;
/** What query builders are: they may be awaited, and are no promises. */
declare const query: PromiseLike<readonly string[]>;
const names = defineKey<readonly string[]>()('cache-types:{page}', { ttl: 1 });

it('takes the value’s type from the key, and checks what is computed and set against it', () => {
  const key = (): ReturnType<typeof names> => names({ page: 1 });
  expectTypeOf(() => cache.get(key())).returns.toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf(() => cache.getOrCompute(key(), () => ['a'])).returns.resolves.toEqualTypeOf<readonly string[]>();
  expectTypeOf(() => cache.getOrCompute(key(), () => query)).returns.resolves.toEqualTypeOf<readonly string[]>();
  // @ts-expect-error another type
  void ((): unknown => cache.getOrCompute(key(), () => 5));
  // @ts-expect-error undefined, which is stored under no key
  void ((): unknown => cache.getOrCompute(key(), () => undefined));
  // @ts-expect-error another type
  void ((): unknown => cache.set(key(), 5));
});

it('takes it from the computation where the key is a text', () => {
  const either = (): number | Promise<number> => (performance.now() > 0 ? 5 : Promise.resolve(5));
  const found = async (): Promise<string | undefined> => undefined;
  expectTypeOf(() => cache.getOrCompute('key', () => 5)).returns.resolves.toEqualTypeOf<number>();
  expectTypeOf(() => cache.getOrCompute('key', async () => 'a')).returns.resolves.toEqualTypeOf<string>();
  expectTypeOf(() => cache.getOrCompute('key', found)).returns.resolves.toEqualTypeOf<string | undefined>();
  expectTypeOf(() => cache.getOrCompute('key', either)).returns.resolves.toEqualTypeOf<number>();
  expectTypeOf(() => cache.getOrCompute('key', () => query)).returns.resolves.toEqualTypeOf<readonly string[]>();
  expectTypeOf(() => cache.get('key')).returns.toEqualTypeOf<unknown>();
  expectTypeOf(() => cache.get<number>('key')).returns.toEqualTypeOf<number | undefined>();
});
