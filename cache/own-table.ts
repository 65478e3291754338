/** `Symbol.for`: a copy of slowpath in a bundle has tables, too. */
const OWN = Symbol.for('slowpath.cache-table');

/** Marks the table that a cache of ours keeps its values in: who listens to its library must not count it again. */
export function asOwnTable<Table extends object>(table: Table): Table {
  return Object.defineProperty(table, OWN, { value: true });
}

export function isOwnTable(table: object): boolean {
  return (table as { readonly [OWN]?: boolean })[OWN] === true;
}
