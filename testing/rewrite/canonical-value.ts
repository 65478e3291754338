/**
 * A text that is equal for values that a driver would give for equal columns, and different for others: types are told
 * apart, dates and bytes are compared by what they hold, the order of an object's keys does not count.
 */
export function canonicalValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(canonicalValue).join(',')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${canonicalValue(field)}`);
    return `{${fields.toSorted().join(',')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;
}

/**
 * The same for a key, which is given in one form and comes back in another: 17, 17n and "17" are one key, as drivers return
 * a bigint as a string.
 */
export function canonicalKey(key: unknown): string {
  return typeof key === 'number' || typeof key === 'bigint' ? canonicalValue(String(key)) : canonicalValue(key);
}
