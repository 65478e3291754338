import { keyValueOperation } from '../analysis/key-value-commands.ts';
import { hashValues } from '../core/keyed-hash.ts';
import { isPageParameter, withoutPartNumber } from './page-parameters.ts';

/** What a call asks for, without its values. */
export interface CallShape {
  /** Stable across processes and releases; no value can be read out of it. */
  readonly shape: string;
  /** Safe to show and to export: `GET users.internal/users/{id}`, `HGETALL`. */
  readonly name: string;
  /** The HTTP method, or the command. */
  readonly method: string;
  /** Keyed hash of what the call asks for; 0 when that is not known. Never leaves the process. */
  readonly targetHash: number;
  /** Keyed hash of what tells calls of one shape apart within the process: the prefix of a key. Never leaves the process. */
  readonly patternHash: number;
  readonly paginates: boolean;
}

const MAX_TEXT = 2048;
const MAX_HOST = 255;
const MAX_TEMPLATE = 200;
const MAX_PARAMETERS = 12;
const MAX_WORD = 32;
const MAX_PATH_SEGMENTS = 12;
const PATH_WORD = /^[a-z_-]{0,24}$/;
const VERSION = /^v\d{1,2}$/;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);

/**
 * Describes an HTTP call by its method and URL; `template` is the `url.template` of whoever knows it. Pages of one list, and
 * parts of one upload, have one target. `undefined` for what is no `http:` or `https:` URL. Never throws.
 */
export function describeHttpCall(method: string, url: string, template?: string): CallShape | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return undefined;
  const verb = METHODS.has(method) ? method : '_OTHER';
  const path = template === undefined || template === '' ? pathOf(parsed.pathname) : ownPath(template);
  const query = readQuery(parsed.search);
  const name = `${verb} ${parsed.host.slice(0, MAX_HOST)}${path}${query.names}`;
  const target = `${verb} ${parsed.host}${withoutPartNumber(verb, parsed.pathname)}?${query.target}`;
  return { shape: name, name, method: verb, targetHash: hashOf(target), patternHash: 0, paginates: query.paginates };
}

/**
 * `/u/17/posts` → `/u/{id}/posts`. Stricter than the templates of the application's own endpoints: whose paths these are is
 * not known, and names, files and tokens are often parts of them.
 */
function pathOf(path: string): string {
  const segments = path.split('/', MAX_PATH_SEGMENTS + 1);
  const kept = segments
    .slice(0, MAX_PATH_SEGMENTS)
    .map((segment) => (PATH_WORD.test(segment) || VERSION.test(segment) ? segment : '{id}'));
  return kept.join('/') + (segments.length > MAX_PATH_SEGMENTS ? '/…' : '') || '/';
}

/** A template may be written with its query, or with the host before it. */
function ownPath(template: string): string {
  const query = template.search(/[?#]|\{\?/);
  const withoutQuery = query === -1 ? template : template.slice(0, query);
  const path = withoutQuery.replace(/^[a-z]+:\/\/[^/]*/i, '').slice(0, MAX_TEMPLATE);
  return path.startsWith('/') ? path : `/${path}`;
}

interface QueryParts {
  /** `?expand&ids`: names that are words, sorted, each once; `*` stands for all others. */
  readonly names: string;
  /** The query without what turns the pages. */
  readonly target: string;
  readonly paginates: boolean;
}

const NO_QUERY: QueryParts = { names: '', target: '', paginates: false };

function readQuery(search: string): QueryParts {
  if (search.length < 2) return NO_QUERY;
  const names = new Set<string>();
  const kept: string[] = [];
  let paginates = false;
  for (const part of search.slice(1, MAX_TEXT).split('&')) {
    const equals = part.indexOf('=');
    // Without a `=` it is a value without a name.
    const name = equals > 0 ? part.slice(0, equals) : '';
    names.add(name !== '' && PATH_WORD.test(name) ? name : '*');
    if (isPageParameter(name)) paginates = true;
    else kept.push(part);
  }
  const sorted = [...names].toSorted().slice(0, MAX_PARAMETERS);
  return { names: `?${sorted.join('&')}`, target: kept.join('&'), paginates };
}

/**
 * Describes a command of a key-value store by its text: `HGETALL user:17`. No part of a key stands in `shape` or `name`: the
 * shape says only how many segments a key has and what parts them. `undefined` for commands that do not ask for one key's value.
 */
export function describeKeyValueCommand(text: string, system: string): CallShape | undefined {
  const space = text.indexOf(' ');
  const method = (space === -1 ? text.slice(0, MAX_WORD) : text.slice(0, Math.min(space, MAX_WORD))).toUpperCase();
  if (keyValueOperation(method, system) === undefined) return undefined;
  const key = space === -1 ? '' : keyIn(text.slice(space + 1));
  const { signature, prefix } = keyPattern(key);
  return {
    shape: key === '' ? method : `${method} ${signature}`,
    name: method,
    method,
    targetHash: key === '' ? 0 : hashOf(key),
    patternHash: prefix === '' ? 0 : hashOf(prefix),
    paginates: false,
  };
}

/** The first argument; empty when the instrumentation left it out: `hgetall [1 other arguments]`. */
function keyIn(rest: string): string {
  if (rest.startsWith('[') && rest.endsWith(' other arguments]')) return '';
  const end = rest.indexOf(' ');
  return end === -1 ? rest : rest.slice(0, end);
}

const SEPARATORS = [':', '/', '|', '.', '-'];
const MAX_SEGMENTS = 8;

/** `user:17:cart` is `w:*:*` with the prefix `user`: only the first segment names a kind, and only if it is letters and `_`. */
function keyPattern(key: string): { readonly signature: string; readonly prefix: string } {
  const separator = SEPARATORS.find((candidate) => key.includes(candidate)) ?? '';
  const segments = separator === '' ? [key] : key.split(separator, MAX_SEGMENTS + 1);
  const first = segments[0] ?? '';
  const prefix = isWord(first) ? first : '';
  const marks = segments.slice(0, MAX_SEGMENTS).map((_, index) => (index === 0 && prefix !== '' ? 'w' : '*'));
  return { signature: marks.join(separator) + (segments.length > MAX_SEGMENTS ? '…' : ''), prefix };
}

/** Letters, `_` and `-` alone, of a length that a programmer writes. */
function isWord(text: string): boolean {
  if (text === '' || text.length > MAX_WORD) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 32;
    if (!((lower >= 97 && lower <= 122) || code === 95 || code === 45)) return false;
  }
  return true;
}

/** Long texts are known by their beginning, their end and their length. */
function hashOf(text: string): number {
  const part = text.length <= MAX_TEXT ? text : `${text.slice(0, 1024)}${text.slice(-1000)}${text.length}`;
  return hashValues(part) ?? 0;
}
