import { formatCount, formatCountOf } from './format-number.ts';
import type { LeftOut, Report } from './json.ts';
import type { Paint } from './palette.ts';
import { printable, wrap } from './terminal-text.ts';
import { SLOW_REQUESTS_MIN, SLOW_REQUEST_SHARE_MIN } from './worth-reporting.ts';

const SENTENCES: Readonly<Record<keyof LeftOut, (count: number) => string>> = {
  requestsInOther: (count) => `${formatCountOf(count, 'request')} to endpoints beyond the limit: counted as (other)`,
  queriesNotObservedCount: (count) =>
    `the queries of ${formatCountOf(count, 'request')}: no database driver that slowpath knows was loaded`,
  lateQueryCount: (count) => `${formatCountOf(count, 'query', 'queries')} that ended after the request`,
  orphanQueryCount: (count) => `${formatCountOf(count, 'query', 'queries')} that ran outside of any request`,
  durationsRefusedCount: (count) => `the duration of ${formatCountOf(count, 'request')}: it was no number`,
  findingsBelowReportThreshold: (count) =>
    `${formatCountOf(count, 'finding')} on a slow query or endpoint: seen in fewer than ${SLOW_REQUESTS_MIN} requests, ` +
    `or in less than ${100 * SLOW_REQUEST_SHARE_MIN} % of the endpoint's`,
};

/** A line for each thing that is missing from the numbers of the report; none if nothing is. */
export function leftOutLines({ leftOut, dropped }: Report, width: number, paint: Paint): string[] {
  const texts: string[] = [];
  for (const [name, sentence] of Object.entries(SENTENCES)) {
    const count = leftOut[name as keyof LeftOut];
    if (count > 0) texts.push(sentence(count));
  }
  for (const [reason, count] of Object.entries(dropped)) {
    if (count > 0) texts.push(`${formatCount(count)} dropped: ${printable(reason)}`);
  }
  if (texts.length === 0) return [];
  return [paint('heading', 'LEFT OUT'), ...texts.flatMap((text) => wrap(text, width - 2).map((line) => `  ${line}`))];
}
