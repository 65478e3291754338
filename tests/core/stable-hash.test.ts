import { describe, expect, it } from 'vitest';
import { stableHash } from '../../core/stable-hash.ts';

describe('stableHash', () => {
  // Fingerprints are stored by users and compared across releases: these digits may never change.
  it.each([
    ['', '0e8d83488bdcb8'],
    ['a', '097901501c2ba7'],
    ['SELECT * FROM users WHERE id = ?', '0d86db45fed8ad'],
    ['n-plus-one\nGET /orders\n12f96aa1078fb3', '0b196799e14ef2'],
    ['Straße 東京 🙂', '0dd0ad3aff55ed'],
  ])('of %j is %s in every process and release', (text, digits) => {
    expect(stableHash(text)).toBe(digits);
  });

  it('is 14 lower-case hex digits', () => {
    for (let n = 0; n < 5000; n++) expect(stableHash(`text ${n}`)).toMatch(/^[0-9a-f]{14}$/);
  });

  it('differs for neighbours: order, case, white space, length', () => {
    const texts = ['ab', 'ba', 'Ab', 'a b', ' ab', 'ab ', 'aab', 'abb', '\0ab', 'ab\0', 'ab\n', ''];
    expect(new Set(texts.map(stableHash)).size).toBe(texts.length);
  });

  it('spreads: 200 000 similar statements give as many hashes', () => {
    const hashes = new Set<string>();
    for (let n = 0; n < 200_000; n++) hashes.add(stableHash(`SELECT c${n} FROM t`));
    expect(hashes.size).toBe(200_000);
  });
});
