import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashKeyPart } from '../../cache/hash-key-part.ts';

it('is the start of the SHA-256 of the text, as base64url', () => {
  // From the test vectors of FIPS 180-4: SHA-256("abc") = ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad.
  const digest = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex');
  expect(hashKeyPart('abc')).toBe(digest.toString('base64url').slice(0, 22));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      expect(hashKeyPart(text)).toBe(createHash('sha256').update(text, 'utf8').digest('base64url').slice(0, 22));
      expect(hashKeyPart(text)).toMatch(/^[\w-]{22}$/);
    }),
  );
});

it('is an HMAC under a key, which nobody without the key can try texts against', () => {
  const expected = createHmac('sha256', 'a secret').update('+49 30 901820').digest('base64url').slice(0, 22);
  expect(hashKeyPart('+49 30 901820', { hmacKey: 'a secret' })).toBe(expected);
  expect(hashKeyPart('+49 30 901820', { hmacKey: Buffer.from('a secret') })).toBe(expected);
  expect(hashKeyPart('+49 30 901820', { hmacKey: 'another' })).not.toBe(expected);
});

it('tells texts apart that UTF-8 would not', () => {
  const texts = ['\ud800', '\ud801', '\ufffd', '\ud800a', 'a\ud800', '\ud83d\ude00', '\ude00\ud83d'];
  expect(new Set(texts.map((text) => hashKeyPart(text))).size).toBe(texts.length);
  const hmacKey = 'a secret';
  expect(new Set(texts.map((text) => hashKeyPart(text, { hmacKey }))).size).toBe(texts.length);
});

it('takes texts as they are, unless told what is the same', () => {
  const phrase = '  How do\tI \n reset ';
  expect(hashKeyPart(phrase)).not.toBe(hashKeyPart(phrase.trim()));
  expect(hashKeyPart(phrase, { trim: true })).toBe(hashKeyPart('How do\tI \n reset'));
  expect(hashKeyPart(phrase, { collapseWhitespace: true })).toBe(hashKeyPart(' How do I reset '));
  expect(hashKeyPart(phrase, { ignoreCase: true })).toBe(hashKeyPart('  how do\ti \n reset '));
  expect(hashKeyPart(phrase, { trim: true, collapseWhitespace: true, ignoreCase: true })).toBe(
    hashKeyPart('how do i reset'),
  );
});

it.each([
  ['', 'an empty text'],
  [undefined, 'of type undefined'],
  [null, 'null'],
  [17, 'of type number'],
  [Buffer.from('secret'), 'of type object'],
])('refuses %j, which is what is there when there is no token', (text, what) => {
  const unchecked = hashKeyPart as (text: unknown, options?: object) => string;
  const refusal = expect.objectContaining({
    name: 'SetupError',
    code: 'SLOWPATH_CACHE_KEY_PART',
    message: expect.stringContaining(`the text is ${what}.`),
  });
  expect(() => unchecked(text)).toThrow(refusal);
  expect(() => unchecked(text, { trim: true, hmacKey: 'a secret' })).toThrow(refusal);
});

it('refuses a text of which normalising leaves nothing', () => {
  expect(() => hashKeyPart(' \n ', { trim: true })).toThrow('empty');
});
