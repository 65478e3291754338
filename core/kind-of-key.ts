/** A longer prefix names no kind. */
const LENGTH_MAX = 32;

/**
 * `session` of `session:jane@x.io`: what stands before the first `:` of a key in a key-value store names its kind, if it is letters, `-`
 * and `_`. `undefined` where nothing of the key may be told.
 */
export function kindOfKey(key: string): string | undefined {
  const end = key.indexOf(':');
  if (end <= 0 || end > LENGTH_MAX) return undefined;
  for (let i = 0; i < end; i++) {
    const code = key.charCodeAt(i) | 32;
    if (!((code >= 97 && code <= 122) || key.charCodeAt(i) === 95 || key.charCodeAt(i) === 45)) return undefined;
  }
  return key.slice(0, end);
}
