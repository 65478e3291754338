import type { EndpointStatistics } from '../monitor/statistics.ts';
import { findingLines } from './findings-text.ts';
import { formatAverage, formatCount, formatCountOf, formatDuration, formatShare } from './format-number.ts';
import { leftOutLines } from './left-out-text.ts';
import { createPaint, type Paint } from './palette.ts';
import { reportJson } from './json.ts';
import type { ReportInput } from './report-input.ts';
import { tableLines, type Row } from './table.ts';
import { cutTo, printable, usableWidth, wrap } from './terminal-text.ts';
import { worthReporting, type ListedFinding } from './worth-reporting.ts';

/** Endpoints and findings that are shown, if the caller does not say. */
export const TOP = 10;

export interface ReportTextOptions {
  readonly color: boolean;
  /** Columns of a line; 100 if not given, and less than 80 is taken as 80. */
  readonly width?: number;
  /** How many endpoints and how many findings are shown; 10 if not given. */
  readonly top?: number;
}

/** The report for a terminal: endpoints by total time, findings by the time in their repeats, what was left out. */
export function reportText(input: ReportInput, options: ReportTextOptions): string {
  const { color, top = TOP } = options;
  const width = usableWidth(options.width);
  const paint = createPaint(color);
  const { statistics } = input;
  const { findings } = worthReporting(input);
  const isEmpty = statistics.count + statistics.abortedCount === 0 && findings.length === 0;
  const sections = [
    headerLines(input, width, paint),
    ...(isEmpty
      ? [NO_REQUESTS.split('\n')]
      : [endpointLines(statistics.endpoints, top, width, paint), findingsLines(input, findings, top, width, paint)]),
    leftOutLines(reportJson(input), width, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const NO_REQUESTS = `No requests were seen. Check that
  - the application was started with slowpath: node --import slowpath/register app.js
  - the requests reached this process, not another worker or another port
  - they were answered: a request is counted when it ends
  - the server is one that OpenTelemetry sees: Node's own http or https, or a framework on top of it`;

function headerLines({ service, statistics, note }: ReportInput, width: number, paint: Paint): string[] {
  const { count, errorCount, abortedCount, sinceMs, window, errorBound } = statistics;
  const facts = [
    `${formatCountOf(count, 'request')} in ${formatDuration(sinceMs)}`,
    ...(errorCount > 0 ? [formatCountOf(errorCount, 'error')] : []),
    ...(abortedCount > 0 ? [`${formatCount(abortedCount)} aborted`] : []),
    `window: ${window}`,
    `percentiles ±${formatShare(errorBound)}`,
  ];
  return [
    paint('heading', cutTo(`slowpath report: ${printable(service)}`, width)),
    ...wrap(facts.join(' · '), width),
    ...(note === undefined ? [] : wrap(printable(note), width)),
  ];
}

function endpointLines(endpoints: readonly EndpointStatistics[], top: number, width: number, paint: Paint): string[] {
  if (endpoints.length === 0) return [];
  const table = {
    nameHeading: 'endpoint',
    headings: ['requests', 'total', 'avg', 'p50', 'p95', 'p99', 'max', 'queries'],
    rows: endpoints.slice(0, top).map(endpointRow),
  };
  return [
    `${paint('heading', 'ENDPOINTS')} by total time (queries: average per request)`,
    ...tableLines(table, width, paint),
    ...moreLines(endpoints.length - top, 'endpoint', paint),
  ];
}

function endpointRow(statistics: EndpointStatistics): Row {
  const { count, errorCount, abortedCount, totalMs } = statistics;
  const { durationMsAvg, durationMsP50, durationMsP95, durationMsP99, durationMsMax } = statistics;
  const notes = [
    ...(errorCount > 0 ? [formatCountOf(errorCount, 'error')] : []),
    ...(abortedCount > 0 ? [`${formatCount(abortedCount)} aborted (in no other number)`] : []),
  ];
  return {
    name: printable(statistics.endpoint),
    cells: [
      formatCount(count),
      ...[totalMs, durationMsAvg, durationMsP50, durationMsP95, durationMsP99, durationMsMax].map(formatDuration),
      formatAverage(statistics.queriesPerRequestAvg),
    ].map((text) => ({ text })),
    ...(notes.length > 0 && { note: notes.join(', ') }),
  };
}

function findingsLines(
  { statistics }: ReportInput,
  findings: readonly ListedFinding[],
  top: number,
  width: number,
  paint: Paint,
): string[] {
  if (findings.length === 0) {
    const nothingObserved = statistics.queriesNotObservedCount === statistics.count && statistics.count > 0;
    return wrap(nothingObserved ? NO_FINDINGS_WITHOUT_QUERIES : NO_FINDINGS, width);
  }
  return [
    `${paint('heading', 'FINDINGS')} by the time in their repeats`,
    ...findings
      .slice(0, top)
      .flatMap((listed, n) => [...(n > 0 ? [''] : []), ...findingLines(listed, n + 1, width, paint)]),
    ...moreLines(findings.length - top, 'finding', paint),
  ];
}

const NO_FINDINGS = 'No findings: no N+1 loop, no duplicate query, no slow query and no slow endpoint to report.';
const NO_FINDINGS_WITHOUT_QUERIES =
  'No findings, but only slow endpoints were looked for: no queries were observed. ' +
  'If the application uses a database, load its driver after slowpath: node --import slowpath/register app.js';

function moreLines(count: number, what: string, paint: Paint): string[] {
  return count > 0 ? [paint('quiet', `  … and ${formatCountOf(count, `more ${what}`)}`)] : [];
}
