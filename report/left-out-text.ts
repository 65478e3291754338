import { MAX_DURATIONS } from '../core/max-durations.ts';
import { formatCount, formatCountOf } from './format-number.ts';
import type { LeftOut, Report } from './json.ts';
import type { Paint } from './palette.ts';
import { printable, wrap } from './terminal-text.ts';
import { SLOW_REQUESTS_MIN, SLOW_REQUEST_SHARE_MIN } from './worth-reporting.ts';

/** The lists of queries and patterns in the text are shorter than those in JSON, and say themselves how many more there are. */
type InText = Exclude<keyof LeftOut, 'queryShapesNotListed' | 'cachePatternsNotListed'>;

const SENTENCES: Readonly<Record<InText, (count: number) => string>> = {
  streamCount: (count) => `${formatCountOf(count, 'event stream')}: they last as long as their clients like`,
  upgradeCount: (count) =>
    `${formatCountOf(count, 'upgraded connection')} (WebSocket): they last as long as their clients like`,
  requestsInOther: (count) => `${formatCountOf(count, 'request')} to endpoints beyond the limit: counted as (other)`,
  queriesNotObservedCount: (count) =>
    `the queries of ${formatCountOf(count, 'request')}: no database driver that slowpath knows was loaded`,
  lateQueryCount: (count) => `${formatCountOf(count, 'query', 'queries')} that ended after the request`,
  orphanQueryCount: (count) => `${formatCountOf(count, 'query', 'queries')} that ran outside of any request`,
  queriesInOther: (count) =>
    `${formatCountOf(count, 'query', 'queries')} of shapes beyond the limit: counted as (other)`,
  queriesNotGroupedCount: (count) =>
    `${formatCountOf(count, 'query', 'queries')} beyond the shapes that one request tells apart: in no line of QUERIES`,
  durationsAveragedCount: (count) =>
    `the durations of ${formatCountOf(count, 'query', 'queries')} beyond the first ${MAX_DURATIONS} of a shape in a request: ` +
    'counted as their mean',
  trackingsNotEndedCount: (count) => `${formatCountOf(count, 'request')} tracked by hand that never ended`,
  durationsRefusedCount: (count) => `the duration of ${formatCountOf(count, 'request')}: it was no number`,
  findingsBelowReportThreshold: (count) =>
    `${formatCountOf(count, 'finding')} that may be chance: seen in fewer than ${SLOW_REQUESTS_MIN} requests, ` +
    `or in less than ${100 * SLOW_REQUEST_SHARE_MIN} % of the endpoint's`,
  findingsDropped: (count) => `${formatCountOf(count, 'finding')} beyond the limit: those whose fixes save least`,
  findingsSuppressed: (count) => `${formatCountOf(count, 'finding')} suppressed by the application, over all requests`,
  cacheLookupsInOther: (count) =>
    `${formatCountOf(count, 'look-up')} in caches of patterns beyond the limit: counted as (other)`,
  cachesNotRegistered: (count) => `${formatCountOf(count, 'cache')} beyond the limit: nothing is known of them`,
};

/** A line for each thing that is missing from the numbers of the report; none if nothing is. */
export function leftOutLines({ leftOut, dropped }: Report, width: number, paint: Paint): string[] {
  const texts: string[] = [];
  for (const [name, sentence] of Object.entries(SENTENCES)) {
    const count = leftOut[name as InText];
    if (count > 0) texts.push(sentence(count));
  }
  for (const [reason, count] of Object.entries(dropped)) {
    if (count > 0) texts.push(`${formatCount(count)} dropped: ${printable(reason)}`);
  }
  if (texts.length === 0) return [];
  return [paint('heading', 'LEFT OUT'), ...texts.flatMap((text) => wrap(text, width - 2).map((line) => `  ${line}`))];
}
