/** Bounds: a comment beyond them is not read, tags beyond them are left out. */
const maxCommentLength = 4096;
const maxTags = 16;
const maxTagLength = 256;

/**
 * Reads the tags that sqlcommenter writes at the end (or the start) of a statement: `/* route='%2Forders',controller='a' *\/`
 * gives `{ route: '/orders', controller: 'a' }`. Empty if there is no such comment. At most 16 tags of 256 characters.
 * Tags are never part of a fingerprint. https://google.github.io/sqlcommenter/spec/
 */
export function readSqlComment(sql: string): Readonly<Record<string, string>> {
  if (typeof sql !== 'string') return {};
  return Object.fromEntries(readTags(commentAtEnd(sql)) ?? readTags(commentAtStart(sql)) ?? []);
}

function commentAtEnd(sql: string): string {
  const tail = sql.slice(-maxCommentLength).trimEnd().replace(/;$/, '').trimEnd();
  if (!tail.endsWith('*/')) return '';
  const open = tail.lastIndexOf('/*');
  return open === -1 ? '' : tail.slice(open + 2, -2);
}

function commentAtStart(sql: string): string {
  const head = sql.slice(0, maxCommentLength).trimStart();
  const close = head.indexOf('*/');
  return head.startsWith('/*') && close !== -1 ? head.slice(2, close) : '';
}

function readTags(comment: string): Map<string, string> | undefined {
  const tags = new Map<string, string>();
  let i = 0;
  while (i < comment.length && tags.size < maxTags) {
    const equals = comment.indexOf("='", i);
    if (equals === -1) break;
    const end = endOfValue(comment, equals + 2);
    if (end === -1) break;
    const key = decode(comment.slice(i, equals).trim());
    const value = decode(comment.slice(equals + 2, end));
    if (key !== '' && key.length <= maxTagLength && value.length <= maxTagLength) tags.set(key, value);
    i = end + 1;
    while (i < comment.length && (comment[i] === ',' || comment[i] === ' ')) i++;
  }
  return tags.size === 0 ? undefined : tags;
}

function endOfValue(comment: string, from: number): number {
  for (let i = from; i < comment.length; i++) {
    if (comment[i] === '\\') i++;
    else if (comment[i] === "'") return i;
  }
  return -1;
}

function decode(text: string): string {
  const unescaped = text.replaceAll("\\'", "'");
  try {
    return decodeURIComponent(unescaped);
  } catch {
    // A stray `%`: not written by sqlcommenter, but readable as it stands.
    return unescaped;
  }
}
