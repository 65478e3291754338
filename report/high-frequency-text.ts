import type { HighFrequencyEndpoint } from '../analysis/high-frequency-endpoint.ts';
import { formatCallSite } from '../core/call-site-text.ts';
import { headingLine } from './findings-text.ts';
import { formatCountOf, formatDuration, formatEstimate, formatShare } from './format-number.ts';
import { labelledLines, textColumnsOf } from './labelled-lines.ts';
import type { Paint } from './palette.ts';
import { printable, wrap } from './terminal-text.ts';

/** The lines of one busy endpoint: how busy it is, what it wastes, and what to do about it first. */
export function highFrequencyLines(busy: HighFrequencyEndpoint, rank: number, width: number, paint: Paint): string[] {
  const { finding } = busy;
  const wrapped = (label: string, text: string): string[] =>
    labelledLines(label, wrap(printable(text), textColumnsOf(width)), paint);
  const { callSite } = finding.evidence;
  return [
    headingLine(finding, rank, width, paint),
    ...wrapped('what', rateText(busy)),
    ...wrapped('where', callSite === undefined ? '' : formatCallSite(callSite)),
    ...wrapped('fix', finding.recommendation),
    ...wrapped('saves', savesText(busy)),
  ];
}

function rateText({
  requestCount,
  requestsPerMinute,
  durationMsAvg,
  totalMs,
  timeShare,
}: HighFrequencyEndpoint): string {
  const rate = formatCountOf(Math.round(requestsPerMinute), 'request');
  return (
    `${rate} per minute of ${formatDuration(durationMsAvg)} each: ${formatDuration(totalMs)} for ` +
    `${formatCountOf(requestCount, 'request')}, ${formatShare(timeShare)} of the time of all requests`
  );
}

function savesText({ wastedMsPerMinute, finding: { savedMs } }: HighFrequencyEndpoint): string {
  if (wastedMsPerMinute <= 0) return '';
  return `${formatEstimate(...savedMs)} per request, ${formatDuration(wastedMsPerMinute)} in each minute`;
}
