import type { QueryStatistics } from '../monitor/statistics.ts';
import { formatAverage, formatCount, formatCountOf, formatDuration } from './format-number.ts';
import { moreLines } from './more-lines.ts';
import type { Paint } from './palette.ts';
import { tableLines, type Row } from './table.ts';
import { columnsOf, cutTo, printable } from './terminal-text.ts';

/** Endpoints that are named under a query. */
const NAMED_ENDPOINTS = 2;
/** What stands in front of a note. */
const NOTE_INDENT_COLUMNS = 2;

/** The query shapes that took the most time, each with the endpoints that ran it; no line if there are none. */
export function queryLines(queries: readonly QueryStatistics[], top: number, width: number, paint: Paint): string[] {
  if (queries.length === 0) return [];
  const table = {
    nameHeading: 'query',
    headings: ['count', 'total', 'avg', 'p50', 'p95', 'p99', 'max', 'rows'],
    rows: queries.slice(0, top).map((query) => queryRow(query, width)),
  };
  return [
    `${paint('heading', 'QUERIES')} by total time (rows: average per query)`,
    ...tableLines(table, width, paint),
    ...moreLines(queries.length - top, 'query', 'queries', paint),
  ];
}

function queryRow(query: QueryStatistics, width: number): Row {
  const { totalMs, durationMsAvg, durationMsP50, durationMsP95, durationMsP99, durationMsMax } = query;
  const errors = query.errorCount > 0 ? `${formatCountOf(query.errorCount, 'error')}, ` : '';
  return {
    name: printable(query.summary),
    cells: [
      formatCount(query.count),
      ...[totalMs, durationMsAvg, durationMsP50, durationMsP95, durationMsP99, durationMsMax].map(formatDuration),
      formatAverage(query.rowsPerQueryAvg),
    ].map((text) => ({ text })),
    ...(query.endpoints.length > 0 && { note: endpointsText(query, `${errors}in `, width - NOTE_INDENT_COLUMNS) }),
  };
}

/** `in GET /orders, GET /users, +3`. Long names are cut, so that the number of further ones is always seen. */
function endpointsText({ endpoints, unlistedEndpointsCount }: QueryStatistics, start: string, columns: number): string {
  const named = endpoints.slice(0, NAMED_ENDPOINTS).map(printable);
  const furtherCount = endpoints.length - named.length;
  // How many there are beyond those that the monitor lists is not known.
  const further = furtherCount === 0 ? '' : `, +${furtherCount}${unlistedEndpointsCount > 0 ? ' and more' : ''}`;
  const left = columns - columnsOf(start) - columnsOf(further) - columnsOf(', ') * (named.length - 1);
  const share = Math.floor(left / named.length);
  // What a short name does not need is the other one's.
  const spare = named.reduce((sum, name) => sum + Math.max(0, share - columnsOf(name)), 0);
  const shown = named.map((name) => cutTo(name, columnsOf(name) > share ? share + spare : share));
  return start + shown.join(', ') + further;
}
