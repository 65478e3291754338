/** Invalidations of tags that no value carries now; of the oldest beyond these only the time of the latest is kept. */
export const MAX_IDLE_TAGS = 10_000;

const NO_STATES: readonly TagState[] = [];

/** A tag that some value, some computation or some late write is judged by. Values hold it, so that a read looks nothing up. */
export interface TagState {
  readonly tag: string;
  /** The low-cardinality name, where the tag came with one. */
  pattern: string | undefined;
  /** Logical time of its last invalidation; 0 if there was none. */
  invalidatedAt: number;
  /** Values and computations that hold it. */
  holders: number;
}

/** A value that is judged by its tags. */
interface Judged {
  readonly tags: readonly TagState[] | undefined;
  /** Logical time at which its computation started. */
  readonly epoch: number;
  /** Logical time for which it is known that it holds. */
  provenAt: number;
}

/**
 * When what was invalidated, on a logical clock: a whole number that grows by one with each invalidation. A value remembers the
 * time at which its computation started and holds if none of its tags was invalidated since. No wall clock is read, so nothing is
 * lost or revived within a millisecond or by a clock that jumps. An invalidation costs the same however many values it ends.
 *
 * In bounded memory: a tag that is held by nothing is forgotten at last. A tag that is not known counts as invalidated when the
 * last forgotten one was: that may end a computation without need, and never keeps a value that should go.
 */
export class TagClock {
  readonly #maxIdle: number;
  readonly #states = new Map<string, TagState>();
  /** Invalidated and held by nothing, in the order of their invalidations. */
  readonly #idle = new Set<TagState>();
  #now = 0;
  #forgottenAt = 0;

  constructor(maxIdle = MAX_IDLE_TAGS) {
    this.#maxIdle = maxIdle;
  }

  /** The time by which a computation that starts now will be judged. */
  get now(): number {
    return this.#now;
  }

  /** Tags that are kept, held or not. */
  get size(): number {
    return this.#states.size;
  }

  /** Moves time on without invalidating anything by name; returns the new time. */
  tick(): number {
    return ++this.#now;
  }

  /** Ends every value and every computation that carries the tag. Returns its pattern, where one is known. */
  invalidate(tag: string): string | undefined {
    const at = this.tick();
    const state = this.#states.get(tag) ?? this.#create(tag, undefined);
    state.invalidatedAt = at;
    if (state.holders === 0) this.#putIdle(state);
    return state.pattern;
  }

  /** Takes hold of a tag; `release` must follow. */
  hold(tag: string, pattern?: string): TagState {
    const state = this.#states.get(tag) ?? this.#create(tag, pattern);
    state.pattern ??= pattern;
    state.holders++;
    this.#idle.delete(state);
    return state;
  }

  /** Takes hold of each of `tags`; `patterns` names the first of them. */
  holdAll(tags: readonly string[], patterns: readonly string[] | undefined): readonly TagState[] {
    return tags.length === 0 ? NO_STATES : tags.map((tag, i) => this.hold(tag, patterns?.[i]));
  }

  release(state: TagState): void {
    if (--state.holders > 0 || this.#states.get(state.tag) !== state) return;
    // What a tag that nobody knows counts as anyhow need not be kept.
    if (state.invalidatedAt <= this.#forgottenAt) this.#states.delete(state.tag);
    else this.#putIdle(state);
  }

  /**
   * Whether none of the value's tags was invalidated since its computation started. It is noted in the value, so that until anything
   * is invalidated, by whatever tag, one comparison tells.
   */
  holds(value: Judged): boolean {
    return value.provenAt >= this.#now || this.#prove(value);
  }

  /** Everything ends: values and computations from before are void whatever their tags, so no tag need be kept. */
  forgetAll(): void {
    this.#forgottenAt = this.tick();
    this.#states.clear();
    this.#idle.clear();
  }

  /** When the tag was invalidated last, or later. */
  invalidatedAt(tag: string): number {
    return this.#states.get(tag)?.invalidatedAt ?? this.#forgottenAt;
  }

  #prove(value: Judged): boolean {
    if (invalidatedSince(value.tags, value.epoch) > 0) return false;
    value.provenAt = this.#now;
    return true;
  }

  #create(tag: string, pattern: string | undefined): TagState {
    const state: TagState = { tag, pattern, invalidatedAt: this.#forgottenAt, holders: 0 };
    this.#states.set(tag, state);
    return state;
  }

  #putIdle(state: TagState): void {
    this.#idle.delete(state);
    this.#idle.add(state);
    if (this.#idle.size <= this.#maxIdle) return;
    for (const oldest of this.#idle) {
      this.#idle.delete(oldest);
      this.#states.delete(oldest.tag);
      this.#forgottenAt = Math.max(this.#forgottenAt, oldest.invalidatedAt);
      return;
    }
  }
}

/** The latest invalidation among `states`, if it came after `since`; else 0. */
export function invalidatedSince(states: readonly TagState[] | undefined, since: number): number {
  let latest = 0;
  if (states === undefined) return latest;
  for (let i = 0; i < states.length; i++) {
    const at = (states[i] as TagState).invalidatedAt;
    if (at > since && at > latest) latest = at;
  }
  return latest;
}
