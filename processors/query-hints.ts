/**
 * What a driver's hook knows about a query and a span does not: kept on the span under symbols, never as attributes,
 * so that it cannot be exported.
 */
const PARAMETERS = Symbol.for('slowpath.query.parameters');
const ROWS = Symbol.for('slowpath.query.rows');
const LIST_SIZE = Symbol.for('slowpath.query.list');
const WITHIN_QUERY = Symbol.for('slowpath.query.within');
const WRAPS_QUERY = Symbol.for('slowpath.query.wraps');

interface Hinted {
  [PARAMETERS]?: number;
  [ROWS]?: number;
  [LIST_SIZE]?: number;
  [WITHIN_QUERY]?: boolean;
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

/** Keeps the elements of the longest list among the bind values: of `[[1, 2, 3]]` in `= ANY($1)`. */
export function setListSize(span: object, size: number): void {
  (span as Hinted)[LIST_SIZE] = size;
}

/** 0 when no bind value is a list, or when nobody saw them. */
export function listSizeOf(span: object): number {
  return (span as Hinted)[LIST_SIZE] ?? 0;
}

/** Marks an ORM's span whose driver makes a span of its own: the driver's counts. */
export function markAsWrapper(span: object): void {
  (span as Hinted)[WRAPS_QUERY] = true;
}

export function isWrapper(span: object): boolean {
  return (span as Hinted)[WRAPS_QUERY] === true;
}

/** Marks the HTTP call by which a database is asked: it is the query, and no call of another service. */
export function markAsWithinQuery(span: object): void {
  (span as Hinted)[WITHIN_QUERY] = true;
}

export function isWithinQuery(span: object): boolean {
  return (span as Hinted)[WITHIN_QUERY] === true;
}
