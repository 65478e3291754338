import type { Paint, Tone } from './palette.ts';
import { columnsOf, cutTo, padEnd, padStart } from './terminal-text.ts';

/** A name with less room than this gets a line of its own. */
const NAME_COLUMNS_MIN = 16;
const GAP = '  ';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Row {
  /** Printable. */
  readonly name: string;
  /** As many as there are headings. */
  readonly cells: readonly Cell[];
  /** A line under the row. */
  readonly note?: string;
}

/**
 * Lines of a table: names on the left, cut to what is left of `width`, cells on the right, aligned to the right.
 * Where the cells leave no room for the names, each name stands on a line of its own above its cells.
 */
export function tableLines(
  table: { readonly nameHeading: string; readonly headings: readonly string[]; readonly rows: readonly Row[] },
  width: number,
  paint: Paint,
): string[] {
  const { nameHeading, headings, rows } = table;
  const columns = headings.map((heading, n) =>
    Math.max(columnsOf(heading), ...rows.map(({ cells }) => columnsOf(cells[n]?.text ?? ''))),
  );
  const cellColumns = columns.reduce((sum, column) => sum + GAP.length + column, 0);
  const nameColumnsWanted = Math.max(columnsOf(nameHeading), ...rows.map(({ name }) => columnsOf(name)));
  const nameColumns = Math.min(nameColumnsWanted, width - cellColumns);
  const isStacked = nameColumns < Math.min(nameColumnsWanted, NAME_COLUMNS_MIN);

  const cellsLine = (cells: readonly Cell[]): string =>
    cells
      .map(({ text, tone }, n) => {
        const padding = padStart('', (columns[n] ?? 0) - columnsOf(text));
        return GAP + padding + (tone === undefined ? text : paint(tone, text));
      })
      .join('');
  const headingLine = headings.map((heading, n) => GAP + padStart(heading, columns[n] ?? 0)).join('');
  const lines = isStacked
    ? [paint('quiet', nameHeading), paint('quiet', headingLine)]
    : [paint('quiet', padEnd(nameHeading, nameColumns) + headingLine)];
  for (const { name, cells, note } of rows) {
    if (isStacked) lines.push(cutTo(name, width), cellsLine(cells));
    else lines.push(padEnd(cutTo(name, nameColumns), nameColumns) + cellsLine(cells));
    if (note !== undefined) lines.push(paint('quiet', GAP + cutTo(note, width - GAP.length)));
  }
  return lines;
}
