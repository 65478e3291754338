/** A cache as the comparison uses it. What a method returns may be a promise, as `Subject.isSync` says. */
export interface CacheUnderTest {
  get?(key: string): unknown;
  set?(key: string, value: object, tags?: readonly string[]): unknown;
  getOrCompute?(key: string, compute: () => object): Promise<unknown>;
  invalidateTag?(tag: string): unknown;
}

/**
 * A library, set up for the same task as the others: bounded, least recently used first out, a time to live of an hour, and with tags
 * where it has them, whether the values that are timed carry one or not, as in an application that uses both.
 */
export interface Subject {
  readonly name: string;
  /** `get` and `set` return at once; none of the libraries has a `getOrCompute` that does. */
  readonly isSync: boolean;
  /** It has `get` and `set`. */
  readonly canSet: boolean;
  /** It has `getOrCompute`. */
  readonly canCompute: boolean;
  readonly hasTags: boolean;
  /** An empty cache. The library is loaded by now. */
  readonly make: (maxEntries: number) => CacheUnderTest;
}

export const TTL_SECONDS = 3600;
