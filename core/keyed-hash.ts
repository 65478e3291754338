import { randomBytes } from 'node:crypto';
import { types } from 'node:util';

/** Bounds of `hashValues`: beyond them the parameters count as "not known". */
const maxValues = 64;
const maxUnits = 4096;
const maxDepth = 4;

const nullTag = 1;
const stringTag = 2;
const integerTag = 3;
const doubleTag = 4;
const bigintTag = 5;
const booleanTag = 6;
const dateTag = 7;
const bytesTag = 8;
const listTag = 9;
const objectTag = 10;

const seed = randomBytes(8);
const seedHigh = seed.readInt32LE(0);
const seedLow = seed.readInt32LE(4);

/**
 * A 53-bit hash under a key drawn once per process. Equal input gives equal hashes within the process; outside of it they
 * say nothing, so that nobody who sees one can try out which value made it.
 */
export class KeyedHasher {
  private high = seedHigh;
  private low = seedLow;

  reset(): void {
    this.high = seedHigh;
    this.low = seedLow;
  }

  /** Adds one integer; its low 32 bits count. */
  add(word: number): void {
    const high = Math.imul(this.high ^ word, 2654435761);
    const low = Math.imul(this.low ^ word, 1597334677);
    this.high = high ^ (low >>> 15);
    this.low = low ^ (high >>> 13);
  }

  /** Adds the UTF-16 units of `text` from `start` to `end`, and their number. */
  addText(text: string, start: number, end: number): void {
    for (let i = start; i < end; i++) this.add(text.charCodeAt(i));
    this.add(end - start);
  }

  /** The hash of what was added since the last reset: a safe integer from 1. */
  digest(): number {
    let { high, low } = this;
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    const hash = ((high >>> 0) & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
    return hash === 0 ? 1 : hash;
  }
}

const hasher = new KeyedHasher();
let valuesLeft = 0;
let unitsLeft = 0;

/**
 * Hashes the bind values of one query: a list, an object by name, or a single value. 0 stands for "no parameters"
 * (`undefined`, `null`, `[]`, `{}`), in every process; any other hash is a safe integer that never leaves the process.
 * `1`, `'1'` and `1n` differ; `null` and `undefined` within a list do not, as drivers send both as NULL.
 * `undefined` means "not known": an instance of a class other than Date and the byte arrays, a proxy, a getter, more than
 * 64 values, 4096 characters and bytes, or 4 levels. Never runs code of the value, never throws.
 */
export function hashValues(values: unknown): number | undefined {
  if (values === undefined || values === null) return 0;
  hasher.reset();
  valuesLeft = maxValues;
  unitsLeft = maxUnits;
  try {
    if (isEmpty(values)) return 0;
    return addValue(values, 0) ? hasher.digest() : undefined;
  } catch {
    // Exhausted memory or stack is the only way here; either way the values are not known.
    return undefined;
  }
}

/**
 * One hash of two, in order: those of the bind values and of the literals. 0 ("none") is neutral on either side, so that
 * a query without literals keeps the hash of its binds, and one without binds that of its literals.
 */
export function combineHashes(a: number, b: number): number {
  if (a === 0) return b;
  if (b === 0) return a;
  hasher.reset();
  for (const hash of [a, b]) {
    hasher.add(hash);
    hasher.add(hash / 0x1_0000_0000);
  }
  return hasher.digest();
}

function isEmpty(values: unknown): boolean {
  if (typeof values !== 'object' || values === null || types.isProxy(values)) return false;
  return Array.isArray(values) ? values.length === 0 : isPlain(values) && Object.keys(values).length === 0;
}

function addValue(value: unknown, depth: number): boolean {
  if (depth > 0 && valuesLeft-- <= 0) return false;
  switch (typeof value) {
    case 'undefined':
      hasher.add(nullTag);
      return true;
    case 'string':
      return addString(value);
    case 'number':
      return addNumber(value);
    case 'bigint':
      return addBigint(value);
    case 'boolean':
      hasher.add(booleanTag);
      hasher.add(value ? 1 : 0);
      return true;
    case 'object':
      if (value !== null) return addObject(value, depth);
      hasher.add(nullTag);
      return true;
    default:
      return false;
  }
}

function addString(value: string): boolean {
  unitsLeft -= value.length;
  if (unitsLeft < 0) return false;
  hasher.add(stringTag);
  hasher.addText(value, 0, value.length);
  return true;
}

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

function addNumber(value: number): boolean {
  const integer = value | 0;
  if (integer === value) {
    hasher.add(integerTag);
    hasher.add(integer);
    return true;
  }
  double[0] = value;
  hasher.add(doubleTag);
  hasher.add(doubleWords[0] ?? 0);
  hasher.add(doubleWords[1] ?? 0);
  return true;
}

function addBigint(value: bigint): boolean {
  if (BigInt.asIntN(64, value) !== value) return false;
  hasher.add(bigintTag);
  hasher.add(Number(BigInt.asIntN(32, value)));
  hasher.add(Number(BigInt.asIntN(32, value >> 32n)));
  return true;
}

const timeOf = Date.prototype.getTime;
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const bufferOf = getterOf('buffer');
const byteOffsetOf = getterOf('byteOffset');
const byteLengthOf = getterOf('byteLength');

// The getters themselves, so that a property of the same name on an instance or its class is not run.
function getterOf(name: string): () => unknown {
  const getter = Object.getOwnPropertyDescriptor(typedArray, name)?.get;
  if (getter === undefined) throw new Error(`This JavaScript engine has no getter TypedArray.prototype.${name}.`);
  return getter;
}

function addObject(value: object, depth: number): boolean {
  if (types.isProxy(value)) return false;
  if (Array.isArray(value)) return addList(value, depth);
  if (types.isDate(value)) {
    hasher.add(dateTag);
    return Object.getPrototypeOf(value) === Date.prototype && addNumber(Reflect.apply(timeOf, value, []));
  }
  if (types.isTypedArray(value)) return addBytes(value);
  return isPlain(value) && addProperties(value, depth);
}

function addBytes(value: object): boolean {
  const length = Reflect.apply(byteLengthOf, value, []) as number;
  unitsLeft -= length;
  if (unitsLeft < 0) return false;
  const buffer = Reflect.apply(bufferOf, value, []) as ArrayBuffer;
  const bytes = new Uint8Array(buffer, Reflect.apply(byteOffsetOf, value, []) as number, length);
  hasher.add(bytesTag);
  for (const byte of bytes) hasher.add(byte);
  hasher.add(length);
  return true;
}

function addList(list: readonly unknown[], depth: number): boolean {
  if (depth >= maxDepth || list.length > valuesLeft || Object.getPrototypeOf(list) !== Array.prototype) return false;
  hasher.add(listTag);
  for (let i = 0; i < list.length; i++) {
    if (!addValue(list[i], depth + 1)) return false;
  }
  hasher.add(list.length);
  return true;
}

function addProperties(value: object, depth: number): boolean {
  const names = Object.keys(value);
  if (depth >= maxDepth || names.length > valuesLeft) return false;
  // Sorted: { a, b } and { b, a } bind the same values.
  names.sort();
  hasher.add(objectTag);
  for (const name of names) {
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (property === undefined || !('value' in property)) return false;
    if (!addString(name) || !addValue(property.value, depth + 1)) return false;
  }
  hasher.add(names.length);
  return true;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
