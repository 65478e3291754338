import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, cutTo, printable, usableWidth, wrap } from '../../report/terminal-text.ts';

describe('text for a terminal', () => {
  it('shows control and reordering characters by their code, and white space as a blank', () => {
    expect(printable('a\u001b[31mb\u0007')).toBe('a\\u001b[31mb\\u0007');
    expect(printable('\u009b2J \u202eevil\u2066 zero\u200bwidth\u007f')).toBe(
      '\\u009b2J \\u202eevil\\u2066 zero\\u200bwidth\\u007f',
    );
    expect(printable('  SELECT *\r\n\t FROM users\u2028WHERE 1\n')).toBe('SELECT * FROM users WHERE 1');
    expect(printable('lone \ud800 half')).toBe('lone \ufffd half');
    expect(printable('GET /naïve/注文/👍')).toBe('GET /naïve/注文/👍');
  });

  it('holds no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([...printable(text)].filter((character) => /\p{Cc}|\p{Cs}|\p{Bidi_Control}/u.test(character))).toEqual(
          [],
        );
      }),
      { seed: 6, numRuns: 1000 },
    );
  });

  it('counts two columns for wide characters and none for combining ones', () => {
    expect(['abc', '注文', '👍', 'e\u0301', '…→·'].map(columnsOf)).toEqual([3, 4, 2, 1, 3]);
  });

  it('is cut with an ellipsis, never in the middle of a character', () => {
    expect(cutTo('SELECT *', 8)).toBe('SELECT *');
    expect(cutTo('SELECT * FROM', 8)).toBe('SELECT…');
    expect(cutTo('ab👍👍', 5)).toBe('ab👍…');
    expect(cutTo('ab👍👍', 4)).toBe('ab…');
  });

  it('is wrapped at blanks, but not between a number and its unit', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('in repeats 103 s', 14)).toEqual(['in repeats', '103 s']);
    expect(wrap('took 12.3 ms, or 40 % more', 10)).toEqual(['took', '12.3 ms,', 'or 40 %', 'more']);
    expect(wrap('three so', 5)).toEqual(['three', 'so']);
    expect(wrap('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrap('', 10)).toEqual([]);
  });

  it('is wrapped without losing anything', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const shown = printable(text);
        const lines = wrap(shown, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(shown.replaceAll(' ', ''));
        expect(lines.every((line) => columnsOf(line) <= columns)).toBe(true);
      }),
      { seed: 8, numRuns: 500 },
    );
  });

  it('has 100 columns unless told otherwise, and never less than 80', () => {
    expect([usableWidth(), usableWidth(120), usableWidth(20), usableWidth(undefined)]).toEqual([100, 120, 80, 100]);
  });
});
