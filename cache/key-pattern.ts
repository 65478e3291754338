import type { KeyDefinition } from './cache-key.ts';
import type { FillArguments } from './key-params.ts';
import type { Params, PatternKeys } from './pattern-keys.ts';

/** What the function that makes the keys of a pattern has beside its call. */
export interface PatternParts<Pattern extends string, Tag extends string> {
  readonly pattern: Pattern;
  readonly definition: KeyDefinition;
  /** One of the pattern's tags, filled in: for `cache.invalidateTag(…)`. */
  tag<T extends Tag>(tagPattern: T, ...params: FillArguments<T>): string;
}

/** `fill` with the parts of `keys` at it, frozen. What its parameters are is known to the caller's type alone. */
export function toPattern<Pattern>(keys: PatternKeys, fill: (params: Params | undefined) => unknown): Pattern {
  const { definition } = keys;
  const tag = (tagPattern: string, params: Params | undefined): string => keys.fillTag(tagPattern, params);
  return Object.freeze(Object.assign(fill, { pattern: definition.pattern, definition, tag })) as Pattern;
}
