import { SetupError } from '../core/setup-error.ts';
import type { EndpointStatistics } from '../monitor/statistics.ts';
import { formatAverage, formatCount, formatMsNumber, formatShare, NO_NUMBER } from './format-number.ts';
import { REPORT_SCHEMA_VERSION, type Report } from './json.ts';
import { createPaint } from './palette.ts';
import { tableLines, type Cell, type Row } from './table.ts';
import { cutTo, printable, usableWidth, wrap } from './terminal-text.ts';

export interface CompareTextOptions {
  readonly color: boolean;
  /** Columns of a line; 100 if not given, and less than 80 is taken as 80. */
  readonly width?: number;
}

/** One endpoint in both reports; it may be missing from one of them. */
interface Pair {
  readonly endpoint: string;
  readonly before: EndpointStatistics | undefined;
  readonly after: EndpointStatistics | undefined;
  readonly findingsBefore: number;
  readonly findingsAfter: number;
}

/**
 * Two reports side by side, endpoint by endpoint; those with the most total time on either side first.
 * A change of p95 is coloured only if the error bounds of the two percentiles do not explain it.
 * @throws {SetupError} SLOWPATH_REPORT_SCHEMA if one of them is no report of this version.
 */
export function compareText(before: Report, after: Report, options: CompareTextOptions): string {
  checkSchema('first', before);
  checkSchema('second', after);
  const width = usableWidth(options.width);
  const paint = createPaint(options.color);
  const names = before.service === after.service ? before.service : `${before.service} → ${after.service}`;
  const facts = [
    `requests ${arrow(formatCount(before.requests.count), formatCount(after.requests.count))}`,
    `findings ${arrow(formatCount(before.findings.length), formatCount(after.findings.length))}`,
    `percentiles ±${formatShare(Math.max(before.errorBound, after.errorBound))}`,
  ];
  const header = [
    paint('heading', cutTo(`slowpath comparison: ${printable(names)}`, width)),
    ...wrap(facts.join(' · '), width),
  ];
  const rows = pairsOf(before, after).map((pair) => comparisonRow(pair, before.errorBound + after.errorBound));
  const headings = ['requests', 'avg ms', 'p50 ms', 'p95 ms', 'Δ p95', 'queries', 'findings'];
  const body =
    rows.length > 0
      ? tableLines({ nameHeading: 'endpoint', headings, rows }, width, paint)
      : ['Neither report holds a request: there is nothing to compare.'];
  return `${header.join('\n')}\n\n${body.join('\n')}\n`;
}

function comparisonRow({ endpoint, before, after, findingsBefore, findingsAfter }: Pair, changeMin: number): Row {
  const both = (text: (statistics: EndpointStatistics) => string): Cell => ({
    text: arrow(before === undefined ? NO_NUMBER : text(before), after === undefined ? NO_NUMBER : text(after)),
  });
  const notes = [
    ...(before === undefined ? ['only in the second report'] : []),
    ...(after === undefined ? ['only in the first report'] : []),
  ];
  return {
    name: printable(endpoint),
    cells: [
      both(({ count }) => formatCount(count)),
      both(({ durationMsAvg }) => formatMsNumber(durationMsAvg)),
      both(({ durationMsP50 }) => formatMsNumber(durationMsP50)),
      both(({ durationMsP95 }) => formatMsNumber(durationMsP95)),
      changeCell(before?.durationMsP95, after?.durationMsP95, changeMin),
      both(({ queriesPerRequestAvg }) => formatAverage(queriesPerRequestAvg)),
      {
        text: arrow(formatCount(findingsBefore), formatCount(findingsAfter)),
        ...(findingsBefore !== findingsAfter && { tone: findingsAfter < findingsBefore ? 'better' : 'worse' }),
      },
    ],
    ...(notes.length === 1 && { note: notes[0] }),
  };
}

/** `-59 %`; without a colour when it is within the errors of the two values, that is at most `changeMin`. */
function changeCell(before: number | undefined, after: number | undefined, changeMin: number): Cell {
  if (before === undefined || after === undefined || before === 0) return { text: NO_NUMBER };
  const change = after / before - 1;
  const percent = Math.round(100 * change) + 0; // -0 becomes 0
  const text = `${percent > 0 ? '+' : ''}${percent} %`;
  if (Math.abs(change) <= changeMin) return { text };
  return { text, tone: change < 0 ? 'better' : 'worse' };
}

function pairsOf(before: Report, after: Report): Pair[] {
  const byName = ({ endpoints }: Report): Map<string, EndpointStatistics> =>
    new Map(endpoints.map((statistics) => [statistics.endpoint, statistics]));
  const findingsOf = ({ findings }: Report, endpoint: string): number =>
    findings.filter((finding) => finding.endpoint === endpoint).length;
  const [statisticsBefore, statisticsAfter] = [byName(before), byName(after)];
  const withFindings = [...before.findings, ...after.findings].map(({ endpoint }) => endpoint);
  const names = new Set<string>([...statisticsBefore.keys(), ...statisticsAfter.keys(), ...withFindings]);
  const totalMs = (pair: Pair): number => Math.max(pair.before?.totalMs ?? 0, pair.after?.totalMs ?? 0);
  return [...names]
    .map((endpoint) => ({
      endpoint,
      before: statisticsBefore.get(endpoint),
      after: statisticsAfter.get(endpoint),
      findingsBefore: findingsOf(before, endpoint),
      findingsAfter: findingsOf(after, endpoint),
    }))
    .sort((a, b) => totalMs(b) - totalMs(a) || (a.endpoint < b.endpoint ? -1 : 1));
}

function arrow(before: string, after: string): string {
  return `${before} → ${after}`;
}

function checkSchema(which: string, report: { readonly schemaVersion?: unknown }): void {
  if (report.schemaVersion === REPORT_SCHEMA_VERSION) return;
  throw new SetupError(
    'SLOWPATH_REPORT_SCHEMA',
    `The ${which} report has schemaVersion ${String(report.schemaVersion)}, expected ${REPORT_SCHEMA_VERSION}. ` +
      'Write it anew with this version of slowpath.',
  );
}
