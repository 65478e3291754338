import { randomFillSync } from 'node:crypto';

/** One call of the generator per so many words: a call costs more than a word. */
const POOL_WORDS = 2048;
const pool = new Int32Array(POOL_WORDS);
let used = POOL_WORDS;

/** 32 random bits, as a signed integer. */
export function random32(): number {
  if (used === POOL_WORDS) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Eight hexadecimal digits. */
export function hex32(word: number): string {
  return (
    (BYTES[word >>> 24] ?? '') +
    (BYTES[(word >>> 16) & 255] ?? '') +
    (BYTES[(word >>> 8) & 255] ?? '') +
    (BYTES[word & 255] ?? '')
  );
}

/** The word that stands at `offset` of a hexadecimal id. */
export function wordOfHex(hex: string, offset: number): number {
  return Number.parseInt(hex.slice(offset, offset + 8), 16) | 0;
}
