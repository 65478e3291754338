import type { CacheKey } from './cache-key.ts';
import type { KeyOptions } from './define-key.ts';
import type { FillArguments, Literal } from './key-params.ts';
import { toPattern, type PatternParts } from './key-pattern.ts';
import { registerPattern } from './key-registry.ts';
import { PatternKeys } from './pattern-keys.ts';

/** A pattern whose calls say the type of the value: `settings<MySettings>({ userId })`. */
export interface OpenKeyPattern<Pattern extends string, Tag extends string = string> extends PatternParts<
  Pattern,
  Tag
> {
  <Value = unknown>(...params: FillArguments<Pattern>): CacheKey<Value>;
}

/**
 * As `defineKey`, for a pattern that the package itself comes with: each call says the type of its value, and the pattern counts as
 * defined from its first key on, so that an application may define it by its own rules instead.
 */
export function openKey<const Pattern extends string, const Tags extends readonly string[] = readonly []>(
  pattern: Pattern & Literal<Pattern>,
  options: KeyOptions<Pattern, Tags>,
): OpenKeyPattern<Pattern, Tags[number]> {
  const keys = new PatternKeys(pattern, options);
  let isRegistered = false;
  return toPattern(keys, (params) => {
    if (!isRegistered) {
      registerPattern(pattern, keys.signature);
      isRegistered = true;
    }
    return keys.fill(params);
  });
}
