/**
 * What a driver's hook knows about a query and a span does not: kept on the span under symbols, never as attributes,
 * so that it cannot be exported.
 */
const PARAMETERS = Symbol.for('slowpath.query.parameters');
const ROWS = Symbol.for('slowpath.query.rows');
const WRAPS_QUERY = Symbol.for('slowpath.query.wraps');

interface Hinted {
  [PARAMETERS]?: number;
  [ROWS]?: number;
  [WRAPS_QUERY]?: boolean;
}

/** Keeps the keyed hash of the bind values on the query's span. */
export function setParametersHash(span: object, hash: number): void {
  (span as Hinted)[PARAMETERS] = hash;
}

/** `undefined` when no hook saw the query's parameters. */
export function parametersHashOf(span: object): number | undefined {
  return (span as Hinted)[PARAMETERS];
}

/** Keeps the number of rows that the driver returned. */
export function setRowCount(span: object, rows: number): void {
  (span as Hinted)[ROWS] = rows;
}

export function rowCountOf(span: object): number | undefined {
  return (span as Hinted)[ROWS];
}

/** Marks an ORM's span whose driver makes a span of its own: the driver's counts. */
export function markAsWrapper(span: object): void {
  (span as Hinted)[WRAPS_QUERY] = true;
}

export function isWrapper(span: object): boolean {
  return (span as Hinted)[WRAPS_QUERY] === true;
}
