/** After it comes an operand: a minus there is a sign, a `:` or `%` there starts a placeholder. */
export const EXPECTS_OPERAND = 1;
/** Ends a FROM list. */
export const ENDS_FROM = 2;
/** May stand between INTO, FROM or UPDATE and the table's name. */
export const BEFORE_TABLE = 4;
/** A statement that starts with it is transaction or session control. */
export const CONTROL = 8;
/** A statement that starts with it changes data or schema. */
export const WRITE = 16;
/** A statement that starts with it reads. */
export const READ = 32;
/** `DATE '2026-01-01'`: with the string after it, one literal. */
export const TYPE_NAME = 64;
/** In `SAVEPOINT a`, `CLOSE a`, `FETCH 5 FROM a` the names are values. */
export const NAMES_ARE_VALUES = 128;

const O = EXPECTS_OPERAND;
const E = ENDS_FROM;
const B = BEFORE_TABLE;
const V = NAMES_ARE_VALUES;

/** The words that the lexer and the readers above it tell from names, with their flags. All other words are names. */
const flagsByWord = {
  select: O | READ,
  from: O,
  where: O | E,
  and: O,
  or: O | B,
  not: O | B,
  in: O,
  is: O,
  between: O,
  like: O,
  ilike: O,
  similar: O,
  glob: O,
  regexp: O,
  rlike: O,
  escape: O,
  div: O,
  mod: O,
  any: O,
  some: O,
  all: O,
  distinct: O,
  case: O,
  when: O,
  // oxlint-disable-next-line unicorn/no-thenable -- A word of SQL; the object is never awaited.
  then: O,
  else: O,
  on: O,
  using: O,
  having: O | E,
  group: O | E,
  order: O | E,
  by: O,
  limit: O | E,
  offset: O | E,
  top: O,
  union: O | E,
  intersect: O | E,
  except: O | E,
  window: O | E,
  returning: O | E,
  output: O | E,
  for: O | E,
  values: O | E | READ,
  set: O | E | CONTROL,
  as: O,
  join: O,
  straight_join: O,
  into: O | B,
  only: O | B,
  lateral: O | B,
  ignore: B,
  low_priority: B,
  high_priority: B,
  delayed: B,
  concurrently: B,
  if: O | B,
  exists: O | B,
  table: B | READ,
  fail: B,
  with: O | READ,
  recursive: O,
  materialized: O,
  array: 0,
  row: 0,
  null: 0,
  default: 0,
  true: 0,
  false: 0,
  end: CONTROL,
  key: 0,
  do: WRITE,
  to: O,
  of: O,
  current: 0,
  cursor: 0,
  index: 0,
  view: 0,
  insert: WRITE,
  update: WRITE,
  delete: WRITE,
  merge: WRITE,
  replace: WRITE | B,
  upsert: WRITE,
  truncate: WRITE,
  create: WRITE,
  alter: WRITE,
  drop: WRITE,
  grant: WRITE,
  revoke: WRITE,
  copy: WRITE,
  call: WRITE,
  exec: WRITE,
  execute: WRITE,
  vacuum: WRITE,
  analyze: WRITE,
  reindex: WRITE,
  optimize: WRITE,
  comment: WRITE,
  refresh: WRITE,
  load: WRITE,
  lock: CONTROL,
  unlock: CONTROL,
  attach: WRITE,
  detach: WRITE,
  notify: CONTROL,
  explain: READ,
  describe: READ,
  desc: READ,
  fetch: O | E | READ | V,
  move: READ | V,
  open: READ | V,
  begin: CONTROL,
  start: CONTROL,
  commit: CONTROL | V,
  rollback: CONTROL | V | B,
  abort: CONTROL | V | B,
  savepoint: CONTROL | V,
  save: CONTROL | V,
  release: CONTROL | V,
  show: CONTROL,
  reset: CONTROL,
  discard: CONTROL,
  prepare: CONTROL,
  deallocate: CONTROL | V,
  listen: CONTROL,
  unlisten: CONTROL,
  pragma: CONTROL,
  use: CONTROL,
  declare: CONTROL,
  close: CONTROL | V,
  xa: CONTROL,
  transaction: 0,
  tran: 0,
  work: 0,
  chain: 0,
  no: 0,
  prepared: 0,
  next: 0,
  prior: 0,
  first: 0,
  last: 0,
  absolute: 0,
  relative: 0,
  forward: 0,
  backward: 0,
  date: TYPE_NAME,
  time: TYPE_NAME,
  timestamp: TYPE_NAME,
  timestamptz: TYPE_NAME,
  interval: O | TYPE_NAME,
} as const;

type Keyword = keyof typeof flagsByWord;

const words = Object.keys(flagsByWord) as Keyword[];

/** The code of each keyword, from 1; 0 stands for "a name". */
export const K = Object.fromEntries(words.map((word, i) => [word, i + 1])) as { readonly [Word in Keyword]: number };

/** The flags of a keyword's code. */
export const keywordFlags = new Uint8Array(words.length + 1);

// Open addressing by a hash that the lexer has computed anyway while it scanned the word. A hit is verified.
const slotCount = 1024;
const slots = new Uint8Array(slotCount);

/** One step of the hash under which `keywordAt` finds a word; start from 0, feed `unit | 32` of every unit. */
export function nextWordHash(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + (unit | 32)) | 0;
}

for (const [i, word] of words.entries()) {
  keywordFlags[i + 1] = flagsByWord[word];
  let slot = slotOf(hashOf(word));
  while (slots[slot] !== 0) slot = (slot + 1) & (slotCount - 1);
  slots[slot] = i + 1;
}

/** The code of the keyword that stands in `sql` from `start` to `end`, in any case; 0 if it is none. */
export function keywordAt(sql: string, start: number, end: number, hash: number): number {
  for (let slot = slotOf(hash); ; slot = (slot + 1) & (slotCount - 1)) {
    const code = slots[slot] ?? 0;
    if (code === 0 || equalsIgnoringCase(sql, start, end, words[code - 1] ?? '')) return code;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (slotCount - 1);
}

function hashOf(word: string): number {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = nextWordHash(hash, word.charCodeAt(i));
  return hash;
}

function equalsIgnoringCase(sql: string, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const unit = sql.charCodeAt(start + i);
    const folded = unit >= 65 && unit <= 90 ? unit | 32 : unit;
    if (folded !== word.charCodeAt(i)) return false;
  }
  return true;
}
