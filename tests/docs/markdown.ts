import { globSync, readFileSync } from 'node:fs';

/** The pages that a reader has, from the root of the repository. */
export const PAGES: readonly string[] = globSync(['*.md', 'docs/**/*.md']).toSorted();

/** A fenced block of code. */
export interface CodeBlock {
  /** What stands after the opening fence: `sh`, or `trace n-plus-one`. */
  readonly info: string;
  readonly text: string;
}

/** A page's fenced blocks, in order. */
export function codeBlocksOf(markdown: string): readonly CodeBlock[] {
  return Array.from(markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm), ([, info = '', text = '']) => ({
    info,
    text,
  }));
}

/** The rows of all tables, without their headings, as the text of their cells; backticks are left out. */
export function tableRowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]+\|$/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')));
}

/** The targets of the links in the text, code left out. */
export function linksOf(markdown: string): readonly string[] {
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, 'code');
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);
}

/** The anchors that a page's headings have on GitHub. */
export function anchorsOf(markdown: string): readonly string[] {
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

export function read(file: string): string {
  return readFileSync(file, 'utf8');
}
