/** Bits of a character's class. */
export const SPACE = 1;
export const WORD_START = 2;
export const WORD_PART = 4;
export const DIGIT = 8;

const ascii = asciiClasses('_', '_$');
const asciiWithHashNames = asciiClasses('_#', '_$#@');

function asciiClasses(start: string, part: string): Uint8Array {
  const classes = new Uint8Array(128);
  for (const unit of [9, 10, 11, 12, 13, 32]) classes[unit] = SPACE;
  for (let unit = 48; unit <= 57; unit++) classes[unit] = DIGIT | WORD_PART;
  for (let unit = 65; unit <= 90; unit++) classes[unit] = classes[unit + 32] = WORD_START | WORD_PART;
  for (const character of part) classes[character.charCodeAt(0)] = WORD_PART;
  for (const character of start) classes[character.charCodeAt(0)] = WORD_START | WORD_PART;
  return classes;
}

/** The classes of the ASCII characters; with `hashNames`, `#` and `@` belong to words as in SQL Server. */
export function asciiClassTable(hashNames: boolean): Uint8Array {
  return hashNames ? asciiWithHashNames : ascii;
}

/** The class of a UTF-16 unit under a table from `asciiClassTable`; 0 for symbols and whatever cannot be told. */
export function classOf(unit: number, table: Uint8Array): number {
  if (unit < 128) return table[unit] ?? 0;
  // Past the end of the text `charCodeAt` gives NaN, which is of no class.
  return unit >= 128 ? wideClass(unit) : 0;
}

// Databases take any character from U+0080 for a letter. Spaces, quotes and currency signs are kept out of words here:
// a value typed between curly quotes or after a pound sign would otherwise pass for a name and be exported.
function wideClass(unit: number): number {
  if (isWideSpace(unit)) return SPACE;
  if (isWideQuote(unit) || isCurrency(unit)) return 0;
  return WORD_START | WORD_PART;
}

function isWideSpace(unit: number): boolean {
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200d) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000 ||
    unit === 0xfeff
  );
}

function isWideQuote(unit: number): boolean {
  return (
    (unit >= 0x80 && unit <= 0x9f) ||
    unit === 0xab ||
    unit === 0xb4 ||
    unit === 0xbb ||
    (unit >= 0x2018 && unit <= 0x201f) ||
    unit === 0x2026 ||
    unit === 0x2032 ||
    unit === 0x2033 ||
    unit === 0x2039 ||
    unit === 0x203a ||
    (unit >= 0x300c && unit <= 0x300f) ||
    unit === 0xff02 ||
    unit === 0xff07
  );
}

/** `£5` and `€5` are money in SQL Server; nowhere can a name start with such a sign without quotes. */
export function isCurrency(unit: number): boolean {
  return (unit >= 0xa2 && unit <= 0xa5) || (unit >= 0x20a0 && unit <= 0x20cf);
}
