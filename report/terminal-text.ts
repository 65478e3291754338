/**
 * Text of unknown origin made safe for a terminal. White space becomes one blank, and none at the ends; control
 * characters (with them every escape sequence) and invisible characters that reorder or join text are written as
 * their code, `\u001b`.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u2028\u2029 ]+/g, ' ')
    .trim()
    .replace(
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

// The ranges whose characters take two columns, roughly those of East Asian Width W and F, and emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{M}/u;

/** The columns that printable text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

/** The text, cut to at most `columns` columns, with `…` as the last one if anything was cut off. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return `${split(text, columns - 1)[0].trimEnd()}…`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** Columns of a line, if the caller does not say. */
const WIDTH = 100;
/** Tables and labels need this much. */
const WIDTH_MIN = 80;

/** The columns to lay out for: 100 if not given, and never less than 80. */
export function usableWidth(width = WIDTH): number {
  return Math.max(WIDTH_MIN, width);
}

// A blank, unless a unit follows: a number and its unit stay on one line.
const BREAK = / (?!(?:ms|s|min|h|%)(?:[^\p{L}]|$))/u;

/** The text in lines of at most `columns` columns, broken at blanks where there are any. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAK).filter((word) => word !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (columnsOf(line) > columns) {
      const [head, tail] = split(line, columns);
      lines.push(head);
      line = tail;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** The head that fits into `columns` columns, at least one character, and the tail that does not. */
function split(text: string, columns: number): [head: string, tail: string] {
  let end = 0;
  let taken = 0;
  for (const character of text) {
    taken += columnsOfCharacter(character);
    if (taken > columns && end > 0) break;
    end += character.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

function columnsOfCharacter(character: string): number {
  if (character < '\u0300') return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
