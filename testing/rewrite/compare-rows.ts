import { canonicalKey, canonicalValue } from './canonical-value.ts';

/** A row as drivers give it, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Equal rows count as often as they stand there; their order does not count. */
export class RowBag {
  size = 0;
  private readonly counts = new Map<string, number>();

  /** `without`: a column that is left out. */
  add(row: Row, without?: string): void {
    const fields =
      without === undefined ? row : Object.fromEntries(Object.entries(row).filter(([name]) => name !== without));
    const canonical = canonicalValue(fields);
    this.counts.set(canonical, (this.counts.get(canonical) ?? 0) + 1);
    this.size++;
  }

  addAll(other: RowBag): void {
    for (const [row, count] of other.counts) this.counts.set(row, (this.counts.get(row) ?? 0) + count);
    this.size += other.size;
  }

  equals(other: RowBag): boolean {
    return this.size === other.size && this.missingFrom(other) === 0;
  }

  /** How many of its rows `other` lacks. */
  missingFrom(other: RowBag): number {
    let missing = 0;
    for (const [row, count] of this.counts) missing += Math.max(0, count - (other.counts.get(row) ?? 0));
    return missing;
  }
}

/** The rows of a batch by their key. */
export class RowsByKey {
  private readonly bags = new Map<string, RowBag>();
  private readonly taken = new Set<string>();

  constructor(rows: readonly Row[], keyColumn: string, without: string | undefined) {
    for (const row of rows) {
      const key = canonicalKey(row[keyColumn]);
      const bag = this.bags.get(key) ?? new RowBag();
      bag.add(row, without);
      this.bags.set(key, bag);
    }
  }

  /** Takes the rows of a key, in all `forms` that it may have in a result. */
  take(forms: readonly unknown[]): RowBag {
    const all = new RowBag();
    for (const form of new Set(forms.map(canonicalKey))) {
      this.taken.add(form);
      const bag = this.bags.get(form);
      if (bag !== undefined) all.addAll(bag);
    }
    return all;
  }

  /** Rows whose key nobody asked for. */
  get rowsLeft(): number {
    return [...this.bags].reduce((sum, [key, { size }]) => (this.taken.has(key) ? sum : sum + size), 0);
  }
}
