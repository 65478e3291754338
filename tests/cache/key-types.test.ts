import { expectTypeOf, it } from 'vitest';
import type { CacheKey, CounterKey } from '../../cache/cache-key.ts';
import { cacheKeys } from '../../cache/cache-keys.ts';
import { defineKey } from '../../cache/define-key.ts';
import { hashKeyPart, type HashedKeyPart } from '../../cache/hash-key-part.ts';

interface Settings {
  readonly theme: string;
}

/** What takes keys, as far as types go. */
declare function getOrCompute<Value>(key: CacheKey<Value>, compute: () => Promise<Value>): Promise<Value>;
declare function increment(key: CounterKey): number;

const settings = defineKey<Settings>()('typed:{userId}:settings', { ttl: 1, tags: ['user:{userId}', 'all'] });
const found = defineKey<string[]>()('typed-search:{queryHash}:{page}', { ttl: 1 });

/** Checked by `npm run check`, which refuses an expected error that is none. Never called. */
export const refusals = [
  // @ts-expect-error a missing parameter
  () => settings({}),
  // @ts-expect-error no parameters at all
  () => settings(),
  // @ts-expect-error a misspelt parameter
  () => settings({ userID: 'x' }),
  // @ts-expect-error one parameter too many
  () => settings({ userId: 'x', page: 1 }),
  // @ts-expect-error a user that may be missing
  (userId: string | undefined) => settings({ userId }),
  // @ts-expect-error a parameter that is an object
  () => settings({ userId: { id: 1 } }),
  // @ts-expect-error a text where a hash belongs
  () => found({ queryHash: 'how do I …', page: 1 }),
  // @ts-expect-error a session's token where its hash belongs
  (token: string) => cacheKeys.general.session({ sessionHash: token }),
  // @ts-expect-error a tag that the pattern has not
  () => settings.tag('users'),
  // @ts-expect-error a tag without its parameter
  () => settings.tag('user:{userId}'),
  // @ts-expect-error a misspelt parameter of a tag
  () => settings.tag('user:{userId}', { id: 1 }),
  // @ts-expect-error a parameter for a tag without any
  () => settings.tag('all', { userId: 1 }),
  // @ts-expect-error a tag with a parameter that the key has not
  () => defineKey<number>()('refused:{a}', { ttl: 1, tags: ['b:{b}'] }),
  // @ts-expect-error a user's key without its user
  () => defineKey<number>()('refused:{id}', { ttl: 1, scope: 'user' }),
  // @ts-expect-error no ttl
  () => defineKey<number>()('refused:{id}', {}),
  // @ts-expect-error a pattern that the compiler cannot read
  (pattern: string) => defineKey<number>()(pattern, { ttl: 1 }),
  // @ts-expect-error a computation of another type
  () => getOrCompute(settings({ userId: 1 }), async () => 42),
  // @ts-expect-error a computation of another type, where the call says the type
  () => getOrCompute(cacheKeys.user.settings<Settings>({ userId: 1 }), async () => ({ theme: 7 })),
  // @ts-expect-error a counter has no value to compute
  () => getOrCompute(cacheKeys.rateLimit.requests({ scope: 'api', subjectHash: hashKeyPart('x'), window: '60s' })),
  // @ts-expect-error a value cannot be counted up
  () => increment(settings({ userId: 1 })),
  // @ts-expect-error a pattern is frozen
  () => (settings.definition.ttl = 2),
  // @ts-expect-error a user's key of the package without its user
  () => cacheKeys.user.permissions(),
  // @ts-expect-error a text is no hash
  (): HashedKeyPart => 'abc',
];

it('infers the value from the pattern, or takes it from the call', () => {
  const key = settings({ userId: 1 });
  expectTypeOf(key).toEqualTypeOf<CacheKey<Settings>>();
  expectTypeOf(cacheKeys.user.settings({ userId: 1 })).toEqualTypeOf<CacheKey<unknown>>();
  expectTypeOf(cacheKeys.user.settings<Settings>({ userId: 1 })).toEqualTypeOf<CacheKey<Settings>>();
  expectTypeOf(() => getOrCompute(key, async () => ({ theme: 'dark' }))).returns.resolves.toEqualTypeOf<Settings>();
  expectTypeOf(settings.pattern).toEqualTypeOf<'typed:{userId}:settings'>();
  expectTypeOf(settings.tag).parameter(0).toEqualTypeOf<'user:{userId}' | 'all'>();
});
