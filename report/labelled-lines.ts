import type { Paint } from './palette.ts';

const INDENT = '    ';
const LABEL_COLUMNS = 'source'.length + 2;

/** Columns for the text beside a label. */
export function textColumnsOf(width: number): number {
  return width - INDENT.length - LABEL_COLUMNS;
}

/** The lines under one label; none where there is no text. */
export function labelledLines(label: string, [first = '', ...more]: readonly string[], paint: Paint): string[] {
  if (first === '') return [];
  const padding = ' '.repeat(LABEL_COLUMNS - label.length);
  const indent = ' '.repeat(INDENT.length + LABEL_COLUMNS);
  return [INDENT + paint('quiet', label) + padding + first, ...more.map((line) => indent + line)];
}
