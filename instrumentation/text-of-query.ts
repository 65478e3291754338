/** A query is its text, or an object that holds it: `{ text }` of pg, `{ sql }` of mysql2. */
export function textOfQuery(query: unknown): string | undefined {
  const text = typeof query === 'string' ? query : textIn(query);
  return typeof text === 'string' ? text : undefined;
}

function textIn(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return undefined;
  return 'text' in query ? query.text : 'sql' in query ? query.sql : undefined;
}
