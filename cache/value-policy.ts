import { CacheUsageError } from './cache-errors.ts';
import type { CacheKey, CacheScope, CounterKey, KeyDefinition } from './cache-key.ts';
import type { CheckedOptions } from './cache-options.ts';
import { UNREGISTERED } from './pattern-counts.ts';

/** Tags of one value; with more of them it is handed out and not stored. */
export const MAX_TAGS = 1000;

/** How a value is to be kept. What is not given here stands in its key's pattern, or in the cache's options. */
export interface SetOptions {
  /** Seconds for which it is fresh. 0 or less: it is not stored, and what is under the key goes. */
  readonly ttl?: number;
  /** Beside those of its key. */
  readonly tags?: readonly string[];
  /** Seconds after `ttl` in which it may be served while a fresh one is computed. */
  readonly staleSeconds?: number;
}

export interface GetOrComputeOptions extends SetOptions {
  /** Seconds for which an error of the computation is remembered and thrown again. Without it none is. */
  readonly errorTtl?: number;
  /**
   * With a stale value at hand: how long a caller waits for a fresh one before it takes that. 0, the default: not at all. If the
   * stale one is invalidated meanwhile, it waits on.
   */
  readonly softTimeoutMs?: number;
  /**
   * How long a caller waits at most; then it gets a CacheTimeoutError, and the computation goes on. Without it, or with Infinity: for
   * ever. Who comes when a computation has run for five minutes does not wait for that one.
   */
  readonly hardTimeoutMs?: number;
  /**
   * The caller's own: it stops waiting. The computation is aborted once all its callers have gone; what it brings all the same is
   * not kept, for it may be half of a value.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Above 0: a value may be computed anew, in the background, before its time is up, the sooner the longer it takes to compute;
   * 1 is the usual measure. http://www.vldb.org/pvldb/vol8/p886-vattani.pdf
   */
  readonly earlyRefreshBeta?: number;
  /** Neither looks up nor stores: the value is computed for this caller alone. */
  readonly bypass?: boolean;
  /** `user`: refuses a key that names no user. A key of a pattern says so itself. */
  readonly scope?: CacheScope;
}

/** A key as callers give it. */
export type AnyKey<Value = unknown> = string | CacheKey<Value>;

/** Whatever a key may be to the cache: its text, its definition if it has one, and its own tags. */
export interface KeyParts {
  readonly text: string;
  readonly pattern: string;
  readonly tags: readonly string[];
  readonly definition: KeyDefinition | undefined;
}

const NO_TAGS: readonly string[] = [];

/** @throws {CacheUsageError} if it is no key. */
export function partsOf(key: AnyKey): KeyParts {
  if (typeof key === 'string') return { text: key, pattern: UNREGISTERED, tags: NO_TAGS, definition: undefined };
  const text: unknown = (key as CacheKey<unknown> | null | undefined)?.key;
  if (typeof text !== 'string' || !Array.isArray(key.tags)) {
    throw new CacheUsageError(
      `A cache key must be a string, or what a pattern of defineKey returns; it was ${key === null ? 'null' : typeof key}.`,
    );
  }
  return { text, pattern: key.definition.pattern, tags: key.tags, definition: key.definition };
}

/** The pattern of a key that was looked up already, without what else `partsOf` says. @throws {CacheUsageError} if it is no key. */
export function patternOf(key: AnyKey): string {
  if (typeof key === 'string') return UNREGISTERED;
  return typeof key?.key === 'string' ? key.definition.pattern : partsOf(key).pattern;
}

/** The text of a counter's key. @throws {CacheUsageError} if it is none. */
export function checkCounterKey(key: CounterKey): string {
  if ((key as CounterKey | null | undefined)?.kind === 'counter' && typeof key.key === 'string') return key.key;
  throw new CacheUsageError('increment takes a string, or what a pattern of defineCounter returns.');
}

/** The tags of the key and those of the call. @throws {CacheUsageError} if one is not a string, or empty. */
export function tagsOf({ tags }: KeyParts, options: SetOptions): readonly string[] {
  if (options.tags === undefined || options.tags.length === 0) return tags;
  options.tags.forEach(checkTag);
  return tags.length === 0 ? options.tags : [...tags, ...options.tags];
}

function isTag(tag: unknown): boolean {
  return typeof tag === 'string' && tag !== '';
}

/** @throws {CacheUsageError} if it is not a text. */
export function checkTag(tag: unknown): void {
  if (isTag(tag)) return;
  throw new CacheUsageError('A tag must be a string that is not empty, for example "user:17".');
}

/** Whether the options say only how a value is to be kept, and nothing is wrong with them: then a fresh value is the answer. */
export function isPlain(options: GetOrComputeOptions | null): boolean {
  if (options === null) return false;
  const { signal, bypass, earlyRefreshBeta, scope, ttl, staleSeconds, errorTtl, tags } = options;
  return (
    signal === undefined &&
    bypass !== true &&
    earlyRefreshBeta === undefined &&
    scope === undefined &&
    (ttl === undefined || Number.isFinite(ttl)) &&
    (staleSeconds === undefined || Number.isFinite(staleSeconds)) &&
    (errorTtl === undefined || Number.isFinite(errorTtl)) &&
    (tags === undefined || (Array.isArray(tags) && tags.every(isTag)))
  );
}

/** Seconds; 0 or less for a value that is not to be stored. @throws {CacheUsageError} if it is no finite number. */
export function ttlOf({ definition }: KeyParts, options: SetOptions, { defaultTtl }: CheckedOptions): number {
  return checkSeconds('ttl', options.ttl ?? definition?.ttl ?? defaultTtl);
}

export function staleSecondsOf({ definition }: KeyParts, options: SetOptions): number {
  return Math.max(0, checkSeconds('staleSeconds', options.staleSeconds ?? definition?.staleSeconds ?? 0));
}

/** @throws {CacheUsageError} if `value` is no finite number. */
export function checkSeconds(name: string, value: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new CacheUsageError(
    `${name} ${typeof value === 'number' ? value : `(a ${typeof value})`} is not a number of seconds.`,
  );
}

/**
 * How long a caller waits, milliseconds. Infinity: for ever.
 * @throws {CacheUsageError} if `value` is no number, or below 0.
 */
export function checkPatience(name: string, value: number | undefined): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return;
  throw new CacheUsageError(
    `${name} ${typeof value === 'number' ? value : `(a ${typeof value})`} is not a number of milliseconds from 0.`,
  );
}

/** A time to live, shortened by chance as the cache's options say. */
export function jittered(freshMs: number, { ttlJitter, random }: Pick<CheckedOptions, 'ttlJitter' | 'random'>): number {
  return ttlJitter > 0 ? freshMs * (1 - ttlJitter * random()) : freshMs;
}

/** Refuses what would hand one user's value to another. @throws {CacheUsageError} */
export function checkScope({ definition, pattern }: KeyParts, options: GetOrComputeOptions): void {
  if (options.scope !== 'user' || definition?.scope === 'user') return;
  throw new CacheUsageError(
    `scope is "user", but the key (${pattern}) names no user: its value would be shared by all. ` +
      "Define the key with scope: 'user' and {userId} in its pattern.",
  );
}
