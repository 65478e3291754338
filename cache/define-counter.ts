import type { CounterDefinition, CounterKey } from './cache-key.ts';
import type { FillArguments, Literal } from './key-params.ts';
import { registerPattern } from './key-registry.ts';
import { KeyTemplate } from './key-template.ts';
import type { Params } from './pattern-keys.ts';

/** Makes the keys of one kind of counter. */
export interface CounterPattern<Pattern extends string> {
  (...params: FillArguments<Pattern>): CounterKey;
  readonly pattern: Pattern;
  readonly definition: CounterDefinition;
}

/**
 * Defines the keys of one kind of counter:
 * ```ts
 * const logins = defineCounter('logins:{addressHash}');
 * const { count } = await cache.increment(logins({ addressHash }), { windowSeconds: 60 });
 * ```
 * A counter is added to and never set, so its keys have no `ttl`, which is the window's length, and no tags; what takes the key
 * of a value refuses them.
 * @throws {SetupError} SLOWPATH_CACHE_PATTERN if the pattern is malformed or taken. The returned function throws
 *   SLOWPATH_CACHE_KEY_PART, as that of `defineKey` does.
 */
export function defineCounter<const Pattern extends string>(
  pattern: Pattern & Literal<Pattern>,
): CounterPattern<Pattern> {
  const template = new KeyTemplate(pattern, { what: `cache key ${pattern}`, named: true });
  registerPattern(pattern, 'a counter');
  const definition: CounterDefinition = Object.freeze({ pattern });
  const fill = (params?: Params): CounterKey => ({
    kind: 'counter',
    key: template.join(template.partsOf(params)),
    definition,
  });
  return Object.freeze(Object.assign(fill, { pattern, definition })) as CounterPattern<Pattern>;
}
