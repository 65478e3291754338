/** The caller's patience ended, not the computation: it goes on, and what it computes is kept as if it had come in time. */
export class CacheTimeoutError extends Error {
  override readonly name = 'CacheTimeoutError';
  readonly code = 'SLOWPATH_CACHE_TIMEOUT';

  /** `pattern` is the key's low-cardinality name: the key itself may hold what must not reach a log. */
  constructor(pattern: string, timeoutMs: number) {
    super(
      `The value of ${pattern} was not computed within ${timeoutMs} ms (hardTimeoutMs). The computation goes on, and its value ` +
        'is kept as if it had come in time; allow more time, or set staleSeconds so that the last value can be served meanwhile.',
    );
  }
}

/** A call that the cache refuses, whatever the state of the program: a mistake in the code that makes it. */
export class CacheUsageError extends TypeError {
  override readonly name = 'CacheUsageError';
  readonly code = 'SLOWPATH_CACHE_USAGE';
}
