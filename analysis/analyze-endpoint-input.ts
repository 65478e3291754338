import type { CallSite } from '../core/types.ts';

/**
 * A query as somebody noted it down: the text under one of its three names, and whatever else is known. What is absent,
 * `undefined` or `null` is unknown.
 */
export interface QueryInput {
  readonly text?: string | null | undefined;
  readonly sql?: string | null | undefined;
  readonly query?: string | null | undefined;
  /** Milliseconds, at most 1e12; 0 if unknown, and then no time is saved by it. */
  readonly durationMs?: number | null | undefined;
  /** Milliseconds on any one clock, at most 1e14 from its zero: only differences between starts count. */
  readonly startMs?: number | null | undefined;
  /** Bind values: a list, or an object by name. Hashed at once, never kept. */
  readonly values?: unknown;
  readonly parameters?: unknown;
  /** Rows returned or written. */
  readonly rowCount?: number | null | undefined;
  /** `db.system.name`, where it is not the one of the options. */
  readonly system?: string | null | undefined;
  /** The database or shard. */
  readonly namespace?: string | null | undefined;
  readonly failed?: boolean | null | undefined;
  /** Stands in `evidence.spanIds`; without it the query's place in the list does, from 1, as 16 hexadecimal digits. */
  readonly spanId?: string | null | undefined;
  /** The line of the application that sent it. */
  readonly callSite?: CallSite | null | undefined;
}

/** A `QueryInput` that was read once and found good. */
export interface CheckedQuery {
  readonly text: string;
  readonly durationMs: number;
  readonly startMs: number | undefined;
  /** `undefined` when unknown. */
  readonly values: unknown;
  readonly rowCount: number | undefined;
  readonly system: string | undefined;
  readonly namespace: string;
  readonly failed: boolean;
  readonly spanId: string | undefined;
  readonly callSite: CallSite | undefined;
}

/** Characters of a name that comes from outside: an endpoint, a system, a file. */
const NAME_LENGTH_MAX = 1024;
/** Thirty years, in milliseconds: what is longer is no duration, and sums of such would leave the range of numbers. */
const DURATION_MS_MAX = 1e12;
/** Far beyond any clock that counts milliseconds; below it, differences are exact to a fraction of one. */
const START_MS_MAX = 1e14;
const TEXT_EXAMPLE = "{ text: 'SELECT …', durationMs: 12.5 }";

/**
 * Reads `queries[index]`, each property once.
 * @throws {TypeError} that names the argument and says what was expected; it quotes nothing of the data.
 */
export function readQuery(value: unknown, index: number): CheckedQuery {
  const path = `queries[${index}]`;
  if (typeof value === 'string') return { ...NOTHING_KNOWN, text: value };
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${path} is ${nameOf(value)}. Expected SQL text, or an object with it: ${TEXT_EXAMPLE}.`);
  const fields = new FieldReader(value, path);
  const text = fields.text('text') ?? fields.text('sql') ?? fields.text('query');
  if (text === undefined)
    throw new TypeError(`${path} has no SQL text. Expected it as text, sql or query: ${TEXT_EXAMPLE}.`);
  return {
    text,
    durationMs: fields.number('durationMs', 'milliseconds from 0, for example 12.5', isDuration) ?? 0,
    startMs: fields.number('startMs', 'milliseconds on any one clock, for example 3.2', isStart),
    values: fields.get('values') ?? fields.get('parameters') ?? undefined,
    rowCount: fields.number('rowCount', 'a whole number from 0', isCount),
    system: fields.name('system', "a db.system.name, for example 'postgresql'"),
    namespace: fields.name('namespace', "the name of a database, for example 'shop'") ?? '',
    failed: fields.flag('failed') ?? false,
    spanId: fields.name('spanId', "the id of a span, for example '00f067aa0ba902b7'"),
    callSite: readCallSite(fields.get('callSite'), `${path}.callSite`),
  };
}

const NOTHING_KNOWN: CheckedQuery = {
  text: '',
  durationMs: 0,
  startMs: undefined,
  values: undefined,
  rowCount: undefined,
  system: undefined,
  namespace: '',
  failed: false,
  spanId: undefined,
  callSite: undefined,
};

function readCallSite(value: unknown, path: string): CallSite | undefined {
  if (value === undefined || value === null) return undefined;
  const expected = "{ file: 'src/orders.ts', line: 42 }";
  if (typeof value !== 'object') throw new TypeError(`${path} is ${nameOf(value)}. Expected an object: ${expected}.`);
  const fields = new FieldReader(value, path);
  const file = fields.name('file', "a file's path, for example 'src/orders.ts'");
  const line = fields.number('line', 'a whole number from 1', isLine);
  if (file === undefined || line === undefined)
    throw new TypeError(`${path} has no file or no line. Expected: ${expected}.`);
  const column = fields.number('column', 'a whole number from 1', isLine);
  const functionName = fields.name('functionName', "a function's name, for example 'loadOrders'");
  return { file, line, ...(column !== undefined && { column }), ...(functionName !== undefined && { functionName }) };
}

/** Reads properties of an object from outside, which may be a proxy or have getters. */
export class FieldReader {
  readonly #object: object;
  readonly #path: string;

  constructor(object: object, path: string) {
    this.#object = object;
    this.#path = path;
  }

  get(name: string): unknown {
    try {
      return Reflect.get(this.#object, name) as unknown;
    } catch {
      // What was thrown is not passed on: it may quote the data.
      throw new TypeError(`${this.#path}.${name} cannot be read: reading it throws. Expected plain data.`);
    }
  }

  text(name: string): string | undefined {
    const value = this.get(name) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw this.#refusal(name, value, 'SQL text');
  }

  /** A short text. */
  name(name: string, expected: string): string | undefined {
    const value = this.get(name) ?? undefined;
    if (value === undefined || (typeof value === 'string' && value.length <= NAME_LENGTH_MAX)) return value;
    throw this.#refusal(name, value, expected);
  }

  number(name: string, expected: string, isGood: (value: number) => boolean): number | undefined {
    const value = this.get(name) ?? undefined;
    if (value === undefined || (typeof value === 'number' && isGood(value))) return value;
    throw this.#refusal(name, value, expected);
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name) ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#refusal(name, value, 'true or false');
  }

  #refusal(name: string, value: unknown, expected: string): TypeError {
    return new TypeError(`${this.#path}.${name} is ${nameOf(value)}. Expected ${expected}.`);
  }
}

/** @throws {TypeError} if it is not a name of an endpoint. */
export function checkEndpoint(endpoint: unknown): string {
  if (typeof endpoint === 'string' && endpoint !== '' && endpoint.length <= NAME_LENGTH_MAX) return endpoint;
  const expected = "Expected method and route, for example 'GET /orders/:id'.";
  throw new TypeError(`endpoint is ${endpoint === '' ? 'empty' : nameOf(endpoint)}. ${expected}`);
}

export function isDuration(value: number): boolean {
  return value >= 0 && value <= DURATION_MS_MAX;
}

function isStart(value: number): boolean {
  return Math.abs(value) <= START_MS_MAX;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isLine(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/** What something is, without telling what it holds: `NaN`, `-5`, `null`, `a string of 20000 characters`. */
export function nameOf(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'number': {
      const digits = String(value);
      return digits.length <= 8 || value === -Infinity ? digits : `a number of ${digits.length} characters`;
    }
    case 'string':
      return `a string of ${value.length} characters`;
    case 'object':
      if (value === null) return 'null';
      return isList(value) ? 'an array' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** `Array.isArray`, which throws for a proxy that was revoked. */
function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
