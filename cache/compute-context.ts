import { CacheUsageError } from './cache-errors.ts';
import type { Flight } from './flight.ts';
import type { TagClock } from './tag-clock.ts';
import { checkSeconds, checkTag, MAX_TAGS } from './value-policy.ts';

/** What a computation may use: it is passed to it, and may be taken apart (`({ setTtl }) => …`). */
export interface ComputeContext {
  /** Aborted when every caller that waited for the value has gone. */
  readonly signal: AbortSignal;
  /** Tags that are known only while the value is computed. Each counts from the start of the computation. */
  readonly addTags: (...tags: readonly string[]) => void;
  /** Seconds, in place of the time to live that the key or the caller named. 0: the value is not stored. */
  readonly setTtl: (ttl: number) => void;
}

/** The context of one computation. After its end it takes nothing more. */
export class LiveComputeContext implements ComputeContext {
  readonly #flight: Flight;
  readonly #tagClock: TagClock;
  #isOpen = true;
  /** All tags by name, as soon as one is added: a loop over rows adds the same few again and again. */
  #names: Set<string> | undefined;
  #ttl: number | undefined;

  constructor(flight: Flight, tagClock: TagClock) {
    this.#flight = flight;
    this.#tagClock = tagClock;
  }

  get signal(): AbortSignal {
    return this.#flight.signal;
  }

  /** Seconds, if the computation has set it. */
  get ttl(): number | undefined {
    return this.#ttl;
  }

  readonly addTags = (...tags: readonly string[]): void => {
    tags.forEach(checkTag);
    if (!this.#isOpen) return;
    const held = this.#flight.tags;
    const names = (this.#names ??= new Set(held.map(({ tag }) => tag)));
    for (const tag of tags) {
      // One more than may be is enough to know that the value is not to be kept.
      if (names.has(tag) || held.length > MAX_TAGS) continue;
      names.add(tag);
      held.push(this.#tagClock.hold(tag));
    }
  };

  readonly setTtl = (ttl: number): void => {
    this.#ttl = checkSeconds('setTtl: ttl', ttl);
  };

  close(): void {
    this.#isOpen = false;
  }
}

/** @throws {CacheUsageError} unless it is a function. */
export function checkCompute(compute: unknown): void {
  if (typeof compute === 'function') return;
  throw new CacheUsageError(
    `getOrCompute needs a function that computes the value; it was given ${compute === null ? 'null' : `a ${typeof compute}`}.`,
  );
}
