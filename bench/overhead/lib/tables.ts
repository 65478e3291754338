import type { Duel } from './head-to-head.ts';
import { markdownTable } from './markdown-table.ts';
import { type Framework, ROUTES } from './routes.ts';
import type { Spread } from './statistics.ts';
import type { Summary } from './summarize.ts';

const titles: Readonly<Record<Framework, string>> = { express: 'Express 5 and pg', fastify: 'Fastify 5 and pg' };

/** The figures of every variant, one table for each framework. */
export function summaryTables(summaries: readonly Summary[]): string {
  const head = [
    'variant',
    ...ROUTES.map(({ name, queries }) => `${name}, ${queries} ${queries === 1 ? 'query' : 'queries'}`),
    'further query',
    'CPU to none',
    'CPU to otel-plain',
    'start, CPU ms',
    'RSS, MB',
    'bytes per span',
    'rounds',
  ];
  return byFramework(summaries, (own) => {
    const losers = own.filter(({ hasLostSpans }) => hasLostSpans).map(({ variant }) => variant.name);
    const note =
      losers.length === 0
        ? ''
        : `\n\nSpans were lost in some rounds, which is cheaper than sending them: ${losers.join(', ')}.`;
    return withoutEmptyColumns(head, own.map(summaryRow)) + note;
  });
}

/** Columns that say nothing of any row: a ratio to what did not run. */
function withoutEmptyColumns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isKept = (_: string, column: number): boolean => rows.some((row) => row[column] !== '');
  return markdownTable(
    head.filter(isKept),
    rows.map((row) => row.filter(isKept)),
  );
}

function summaryRow(summary: Summary): readonly string[] {
  const { variant, routes } = summary;
  const isReference = variant.pairedWith === variant.name;
  return [
    variant.name,
    ...ROUTES.map(({ name }) => {
      const { cpuUs, addedUs, spans } = routes[name];
      const cost = isReference ? `${cpuUs.median.toFixed(0)} in all` : added(addedUs);
      return `${cost} (${spans.toFixed(1)})`;
    }),
    isReference ? '' : signed(summary.addedUsPerFurtherQuery),
    fixed(summary.ratioToNone, 2),
    fixed(summary.ratioToPlain, 2),
    summary.startCpuMs.toFixed(0),
    (summary.rssBytes / 1e6).toFixed(0),
    fixed(summary.bytesPerSpan, 0),
    String(summary.rounds),
  ];
}

/** Rounds won, and the ratio of what is added, one table for each framework. */
export function duelTables(duels: readonly Duel[]): string {
  const head = ['against', ...ROUTES.map(({ name }) => name)];
  return byFramework(duels, (own) =>
    markdownTable(
      head,
      own.map(({ variant, peer, rounds, routes }) => [
        `${variant} / ${peer}`,
        ...ROUTES.map(({ name }) => `${routes[name].won} of ${rounds}, ${fixed(routes[name].addedRatio, 2)}`),
      ]),
    ),
  );
}

function byFramework<Row extends { readonly framework: Framework }>(
  rows: readonly Row[],
  table: (own: readonly Row[]) => string,
): string {
  const frameworks = [...new Set(rows.map(({ framework }) => framework))];
  return frameworks
    .map((framework) => `**${titles[framework]}**\n\n${table(rows.filter((row) => row.framework === framework))}`)
    .join('\n\n');
}

function added({ median, deviation }: Spread): string {
  return Number.isNaN(median) ? '' : `${signed(median)} ±${deviation.toFixed(0)}`;
}

function signed(value: number): string {
  return Number.isNaN(value) ? '' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(0)}`;
}

/** Empty where there is nothing to divide by. */
function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '';
}
