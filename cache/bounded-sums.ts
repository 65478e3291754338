/** How uses of one kind are told apart and added up. */
export interface Addition<Use> {
  readonly nameOf: (use: Use) => string;
  readonly sum: (a: Use, b: Use) => Use;
  /** The same use under the name that stands for all that found no place of their own. */
  readonly asOther: (use: Use) => Use;
}

/** Uses by name, those of one name added up; at most `max` names, and one more for what comes beyond. */
export class BoundedSums<Use> {
  readonly #addition: Addition<Use>;
  readonly #max: number;
  readonly #byName = new Map<string, Use>();

  constructor(addition: Addition<Use>, max: number) {
    this.#addition = addition;
    this.#max = max;
  }

  add(use: Use): void {
    const { nameOf, sum, asOther } = this.#addition;
    const isOther = !this.#byName.has(nameOf(use)) && this.#byName.size >= this.#max;
    const added = isOther ? asOther(use) : use;
    const name = nameOf(added);
    const before = this.#byName.get(name);
    this.#byName.set(name, before === undefined ? added : sum(before, added));
  }

  values(): Iterable<Use> {
    return this.#byName.values();
  }
}
