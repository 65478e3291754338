/** Names of query parameters that turn the pages of one list or number the parts of one upload, in letters alone. */
const PAGE_NAMES = new Set([
  'page',
  'pagenumber',
  'pageindex',
  'pageoffset',
  'pagecursor',
  'pageafter',
  'pagebefore',
  'pagetoken',
  'offset',
  'skip',
  'start',
  'startat',
  'startindex',
  'startkey',
  'startafter',
  'startingafter',
  'endingbefore',
  'cursor',
  'after',
  'before',
  'marker',
  'keymarker',
  'next',
  'nexttoken',
  'nextpagetoken',
  'nextcursor',
  'continue',
  'continuation',
  'continuationtoken',
  'scrollid',
  'sinceid',
  'maxid',
  'part',
  'partnumber',
  'chunk',
  'chunkindex',
  'blockid',
]);
const MAX_LENGTH = 40;

/** `page`, `page[number]`, `page_token`, `pageToken`: the parameter picks a page of what is otherwise the same. */
export function isPageParameter(name: string): boolean {
  if (name === '' || name.length > MAX_LENGTH) return false;
  return PAGE_NAMES.has(name.replaceAll(/%[0-9a-f]{2}|[^a-z]/gi, '').toLowerCase());
}

const PARTS = /\/(parts?|chunks?|blocks?)\/[^/]+/gi;

/** The path of an upload without the number of its part: `/uploads/7/parts/3` and `/uploads/7/parts/4` have one target. */
export function withoutPartNumber(method: string, path: string): string {
  return method === 'PUT' || method === 'POST' || method === 'PATCH' ? path.replaceAll(PARTS, '/$1') : path;
}
