/** Series by name, at most `limit` of them; what comes under further names is counted in one series more, `other`. */
export class BoundedSeries<Name, Series> {
  readonly other: Series;
  readonly #limit: number;
  readonly #otherName: Name;
  readonly #byName = new Map<Name, Series>();

  constructor(limit: number, otherName: Name, other: Series) {
    this.#limit = limit;
    this.#otherName = otherName;
    this.other = other;
  }

  /** The series of this name, or `other` when no further name is taken; undefined while there is room for it. */
  find(name: Name): Series | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    // The other's name is taken, should anything else ever be called so.
    return this.#byName.size >= this.#limit || name === this.#otherName ? this.other : undefined;
  }

  /** Adds a series under a name for which `find` has just told that there is room. */
  add(name: Name, series: Series): Series {
    this.#byName.set(name, series);
    return series;
  }

  /** All of them, `other` last. */
  *series(): Iterable<Series> {
    yield* this.#byName.values();
    yield this.other;
  }
}
