declare const VALUE: unique symbol;

/** Whose data a value is. A `user` key names its user among its parameters. */
export type CacheScope = 'shared' | 'user';

/** What the keys of one pattern have in common. Seconds. */
export interface KeyDefinition {
  /** The low-cardinality name: `user:{userId}:settings`. */
  readonly pattern: string;
  readonly ttl: number;
  readonly tagPatterns: readonly string[];
  readonly scope: CacheScope;
  /** How long after its `ttl` a value may be served while a fresh one is computed; 0: not at all. */
  readonly staleSeconds: number;
}

/** The key of one value of type `Value`: made by a pattern of `defineKey`, and by nothing else. */
export interface CacheKey<Value> {
  /** The encoded text: no two inputs of any patterns share one. */
  readonly key: string;
  /** Filled in. */
  readonly tags: readonly string[];
  readonly definition: KeyDefinition;
  /** For the compiler alone. */
  readonly [VALUE]?: Value;
}

/** The key of a counter, made by a pattern of `defineCounter`. It names no value: `increment` alone takes it. */
export interface CounterKey {
  readonly kind: 'counter';
  /** As that of a `CacheKey`. */
  readonly key: string;
  readonly definition: CounterDefinition;
}

export interface CounterDefinition {
  readonly pattern: string;
}
