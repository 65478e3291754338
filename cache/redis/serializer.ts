/**
 * Turns values into text and back. `encode` gives `undefined` for what has no text: such a value is not stored.
 * Both may throw: a value that cannot be encoded is not stored, a text that cannot be decoded is a miss. Both are counted.
 */
export interface Serializer {
  encode(value: unknown): string | undefined;
  decode(text: string): unknown;
}

/**
 * JSON. A `Date` comes back as its text, a `Map` or `Set` as an empty object, a property that is `undefined` not at all; a `bigint`
 * is not stored. Objects with a property `__proto__`, or a `constructor` with a `prototype`, are neither stored nor read: copied
 * into another object by careless code, they would change every object of the process.
 */
export const jsonSerializer: Serializer = {
  encode(value) {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined && SUSPECT.test(text)) decodeJson(text);
    return text;
  },
  decode: decodeJson,
};

/** The names, and the escape by which JSON can hide one of their letters. */
const SUSPECT = /__proto__|"constructor"|\\u/;

function decodeJson(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => {
    if (key === '__proto__' || (key === 'constructor' && hasPrototype(value))) {
      throw new TypeError(`The value has a property ${JSON.stringify(key)} that could poison other objects.`);
    }
    return value;
  });
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
