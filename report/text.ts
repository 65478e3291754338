import type { EndpointStatistics } from '../monitor/statistics.ts';
import { cacheLines, lowHitRateLines } from './caches-text.ts';
import { findingLines } from './findings-text.ts';
import { formatAverage, formatCount, formatCountOf, formatDuration, formatShare } from './format-number.ts';
import { highFrequencyLines } from './high-frequency-text.ts';
import { leftOutLines } from './left-out-text.ts';
import { moreLines } from './more-lines.ts';
import { createPaint, type Paint } from './palette.ts';
import { queryLines } from './queries-text.ts';
import { reportJson } from './json.ts';
import { requestsOfAnyKind, type ReportInput } from './report-input.ts';
import { tableLines, type Row } from './table.ts';
import { cutTo, printable, usableWidth, wrap } from './terminal-text.ts';
import { worthReporting, type ListedFinding } from './worth-reporting.ts';

/** Endpoints, queries, patterns of caches and findings that are shown, if the caller does not say. */
export const TOP = 10;

export interface ReportTextOptions {
  readonly color: boolean;
  /** Columns of a line; 100 if not given, and less than 80 is taken as 80. */
  readonly width?: number;
  /** How many endpoints, queries, findings and busy endpoints are shown; 10 if not given. */
  readonly top?: number;
}

/**
 * The report for a terminal: endpoints and queries by total time, caches by what they save, findings by what their fixes save,
 * patterns that are seldom found, busy endpoints, what was left out.
 */
export function reportText(input: ReportInput, options: ReportTextOptions): string {
  const { color, top = TOP } = options;
  const width = usableWidth(options.width);
  const paint = createPaint(color);
  const { statistics } = input;
  const { findings } = worthReporting(input);
  const { caches, lowCacheHitRates } = input;
  const isEmpty = requestsOfAnyKind(statistics) === 0 && findings.length === 0;
  const sections = [
    headerLines(input, width, paint),
    ...(isEmpty
      ? [NO_REQUESTS.split('\n')]
      : [
          endpointLines(statistics.endpoints, top, width, paint),
          queryLines(input.queries.queries, top, width, paint),
          cacheLines(caches, statistics, top, width, paint),
          findingsLines(input, findings, top, width, paint),
          lowHitRateLines(lowCacheHitRates, top, width, paint),
          busyLines(input.highFrequencyEndpoints, top, width, paint),
        ]),
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
    ...moreLines(endpoints.length - top, 'endpoint', 'endpoints', paint),
  ];
}

function endpointRow(statistics: EndpointStatistics): Row {
  const { count, errorCount, abortedCount, streamCount, upgradeCount, totalMs } = statistics;
  const { durationMsAvg, durationMsP50, durationMsP95, durationMsP99, durationMsMax } = statistics;
  const apart = [
    ...(abortedCount > 0 ? [`${formatCount(abortedCount)} aborted`] : []),
    ...(streamCount > 0 ? [formatCountOf(streamCount, 'stream')] : []),
    ...(upgradeCount > 0 ? [formatCountOf(upgradeCount, 'upgrade')] : []),
  ];
  const notes = [
    ...(errorCount > 0 ? [formatCountOf(errorCount, 'error')] : []),
    ...(apart.length > 0 ? [`${apart.join(', ')} (in no other number)`] : []),
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
    `${paint('heading', 'FINDINGS')} by the time that their fixes save`,
    ...findings
      .slice(0, top)
      .flatMap((listed, n) => [...(n > 0 ? [''] : []), ...findingLines(listed, n + 1, width, paint)]),
    ...moreLines(findings.length - top, 'finding', 'findings', paint),
  ];
}

function busyLines(busy: ReportInput['highFrequencyEndpoints'], top: number, width: number, paint: Paint): string[] {
  if (busy.length === 0) return [];
  return [
    `${paint('heading', 'HIGH-FREQUENCY ENDPOINTS')} by the time that each minute wastes`,
    ...busy
      .slice(0, top)
      .flatMap((one, n) => [...(n > 0 ? [''] : []), ...highFrequencyLines(one, n + 1, width, paint)]),
    ...moreLines(busy.length - top, 'endpoint', 'endpoints', paint),
  ];
}

const NO_FINDINGS = 'No findings: no N+1 loop, no duplicate query, nothing slow and nothing else to report.';
const NO_FINDINGS_WITHOUT_QUERIES =
  'No findings, but no queries were observed: only the requests and their calls were looked at. ' +
  'If the application uses a database, load its driver after slowpath: node --import slowpath/register app.js';
