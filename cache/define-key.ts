import { SetupError } from '../core/setup-error.ts';
import type { CacheKey, CacheScope } from './cache-key.ts';
import type { FillArguments, Literal, ParamNames, TagOf } from './key-params.ts';
import { toPattern, type PatternParts } from './key-pattern.ts';
import { registerPattern } from './key-registry.ts';
import { PatternKeys } from './pattern-keys.ts';

export interface KeyOptions<Pattern extends string, Tags extends readonly string[]> {
  /** Seconds for which a value is fresh: a finite number above 0. */
  readonly ttl: number;
  /** Their parameters are among those of the pattern. */
  readonly tags?: { readonly [I in keyof Tags]: TagOf<Pattern, Tags[I]> };
  /** `user`, which is the default of a pattern with `{userId}`, needs that parameter. */
  readonly scope?: 'userId' extends ParamNames<Pattern> ? CacheScope : 'shared';
  /** Seconds after `ttl` in which a value may be served while a fresh one is computed. Default: 0. */
  readonly staleSeconds?: number;
  /** A whole number from 1, which is the default. Count it up when the shape of the value changes: old values are not read. */
  readonly version?: number;
}

/** Makes the keys of one pattern. */
export interface KeyPattern<Pattern extends string, Value, Tag extends string = string> extends PatternParts<
  Pattern,
  Tag
> {
  (...params: FillArguments<Pattern>): CacheKey<Value>;
}

/**
 * Defines the keys of one kind of value:
 * ```ts
 * const settings = defineKey<Settings>()('user:{userId}:settings', { ttl: 600, tags: ['user:{userId}'] });
 * await cache.getOrCompute(settings({ userId }), () => loadSettings(userId)); // a Settings
 * await cache.invalidateTag(settings.tag('user:{userId}', { userId }));
 * ```
 * The compiler checks the parameters, those of the tags, and the value. The pattern can be read back from a key
 * (`user:userId=17:settings`), so that keys of different patterns and of different parameters are never the same.
 * The first parentheses are empty because TypeScript infers either all type arguments of a call or none.
 * @throws {SetupError} SLOWPATH_CACHE_PATTERN if the pattern or an option is wrong, or the pattern is defined otherwise already. The
 *   returned function throws SLOWPATH_CACHE_KEY_PART if a parameter is missing, empty, not finite, or longer than 128 characters;
 *   it names the parameter, never its value.
 */
export function defineKey<Value>(
  ...nothing: readonly never[]
): <const Pattern extends string, const Tags extends readonly string[] = readonly []>(
  pattern: Pattern & Literal<Pattern>,
  options: KeyOptions<Pattern, Tags>,
) => KeyPattern<Pattern, Value, Tags[number]> {
  if (nothing.length > 0) {
    throw new SetupError(
      'SLOWPATH_CACHE_PATTERN',
      'defineKey: its first parentheses take nothing. Write defineKey()(pattern, options), or defineKey<Value>()(…) in TypeScript.',
    );
  }
  return (pattern, options) => {
    const keys = new PatternKeys(pattern, options);
    registerPattern(pattern, keys.signature);
    return toPattern(keys, (params) => keys.fill(params));
  };
}
