import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineKey } from '../../cache/define-key.ts';
import { encodeKeyPart } from '../../cache/encode-key-part.ts';
import { KEY_PART_LENGTH_MAX } from '../../cache/key-template.ts';
import { PatternKeys } from '../../cache/pattern-keys.ts';

/** Patterns that a key without care would confuse: one that ends where another goes on, literals that look like values, versions. */
const patterns = (
  [
    ['a:{x}', 1],
    ['a:{y}', 1],
    ['a:{x}:{y}', 1],
    ['a:{x}:{y}:{z}', 1],
    ['a:{x}:b', 1],
    ['a:b:{x}', 1],
    ['a:b:c', 1],
    ['{x}', 1],
    ['{x}:{y}', 1],
    ['{y}:{x}', 1],
    ['a:{x}:2', 1],
    ['a:{x}:v2', 1],
    ['b:{x}', 2],
    ['b:{x}', 3],
    ['b:{x}:2', 1],
    ['b:{x}:{y}', 2],
    ['b', 2],
    ['b', 1],
  ] as const
).map(([pattern, version]) => ({
  names: Array.from(pattern.matchAll(/\{(\w+)\}/g), ([, name = '']) => name),
  pattern,
  version,
  // Behind defineKey's registry, which takes one version of a pattern: two stand for two releases of a program.
  keys: new PatternKeys(pattern, { ttl: 1, version }),
}));

const nasty = fc.constantFrom(
  'b',
  'c',
  'b:c',
  'b=c',
  'x=b',
  '%',
  '%3a',
  '%3A',
  ':',
  '2',
  '=2',
  ':=2',
  'v2',
  '{x}',
  '{',
  '}',
);
const halves = fc.array(fc.constantFrom('\ud83d', '\ude00', 'a', '%ud83d', 'u', '%'), { minLength: 1, maxLength: 6 });
const part = fc.oneof(
  nasty,
  halves.map((units) => units.join('')),
  fc.constantFrom('é', 'e\u0301', '\u0000', ' ', '😀', "!'()*", '__proto__', '\n', '\ufffd'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  fc.array(nasty, { minLength: 1, maxLength: 3 }).map((texts) => texts.join('')),
);
const input = fc.record({ n: fc.nat(patterns.length - 1), x: part, y: part, z: part });

interface Input {
  readonly n: number;
  readonly x: string;
  readonly y: string;
  readonly z: string;
}

function keyOf({ n, ...params }: Input): string {
  return patterns[n]?.keys.fill(params).key ?? '';
}

/** What was put in, as JSON of only what the pattern takes: two inputs are the same if and only if these are. */
function meaningOf({ n, ...values }: Input): string {
  const { pattern, version, names } = patterns[n] as (typeof patterns)[number];
  return JSON.stringify([pattern, version, names.map((name) => values[name as 'x' | 'y' | 'z'])]);
}

describe('keys of many patterns', () => {
  it('are the same only for the same input', () => {
    fc.assert(
      fc.property(input, input, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(meaningOf(a) === meaningOf(b));
      }),
      { numRuns: 5000 },
    );
  });

  it('are all different over all short inputs of all patterns', () => {
    const texts = ['b', 'c', '2', ':', '%', '=', '=2', 'b:c', '%3a', '{x}', '\ud83d', '%ud83d', 'x=b'];
    const seen = new Map<string, string>();
    let inputs = 0;
    for (let n = 0; n < patterns.length; n++) {
      for (const x of texts) {
        for (const y of texts) {
          const meaning = meaningOf({ n, x, y, z: 'z' });
          const key = keyOf({ n, x, y, z: 'z' });
          expect(seen.get(key) ?? meaning).toBe(meaning);
          seen.set(key, meaning);
          inputs++;
        }
      }
    }
    expect(inputs).toBe(patterns.length * texts.length ** 2);
    expect(seen.size).toBe(new Set(seen.values()).size);
  });

  it('stay different as bytes of UTF-8, which a second tier sees', () => {
    const bytesOf = (one: Input): string => Buffer.from(keyOf(one)).toString('hex');
    fc.assert(
      fc.property(input, input, (a, b) => {
        expect(bytesOf(a) === bytesOf(b)).toBe(meaningOf(a) === meaningOf(b));
      }),
      { numRuns: 5000 },
    );
  });

  it('keep a value that is text of another pattern in its place', () => {
    const one = defineKey()('enc:{x}', { ttl: 1 });
    const two = defineKey()('enc:{x}:{y}', { ttl: 1 });
    expect(one({ x: 'b:c' }).key).toBe('enc:x=b%3ac');
    expect(two({ x: 'b', y: 'c' }).key).toBe('enc:x=b:y=c');
  });
});

describe('a part', () => {
  it('is never read as another, and never throws', () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(encodeKeyPart(a) === encodeKeyPart(b)).toBe(a === b);
        expect(encodeKeyPart(a)).not.toMatch(/[:{}]/);
        expect(encodeKeyPart(a).isWellFormed()).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['u-17', 'u-17'],
    ["o'brien+é@example.org", "o'brien+é@example.org"],
    ['a:b%c', 'a%3ab%25c'],
    ['{x}', '%7bx%7d'],
    ['😀', '😀'],
    ['\ud83d', '%ud83d'],
    ['\ude00\ud83d', '%ude00%ud83d'],
  ])('%j is written %j', (text, encoded) => {
    expect(encodeKeyPart(text)).toBe(encoded);
  });

  it('keeps the Unicode forms of a letter apart', () => {
    expect(encodeKeyPart('é'.normalize('NFC'))).not.toBe(encodeKeyPart('é'.normalize('NFD')));
  });

  it(`grows to ${6 * KEY_PART_LENGTH_MAX} characters at the most`, () => {
    expect(encodeKeyPart('\ud83d'.repeat(KEY_PART_LENGTH_MAX))).toHaveLength(6 * KEY_PART_LENGTH_MAX);
  });
});
