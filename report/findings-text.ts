import { formatCount, formatCountOf, formatDuration, formatShare } from './format-number.ts';
import type { Paint } from './palette.ts';
import { cutTo, padEnd, padStart, printable, wrap } from './terminal-text.ts';
import type { ListedFinding } from './worth-reporting.ts';

const INDENT = '    ';
const LABEL_COLUMNS = 7;
const SEVERITY_COLUMNS = 'critical'.length + 2;
const KIND_COLUMNS = 'duplicate-query'.length;

/** The lines of one finding: what it is, its statement, what to do, how often it was seen, and a trace to look at. */
export function findingLines(listed: ListedFinding, rank: number, width: number, paint: Paint): string[] {
  const { kind, severity, endpoint, summary, recommendation, evidence } = listed.finding;
  const textColumns = width - INDENT.length - LABEL_COLUMNS;
  const labelled = (label: string, [first = '', ...more]: readonly string[]): string[] => {
    if (first === '') return [];
    const padding = ' '.repeat(LABEL_COLUMNS - label.length);
    const indent = ' '.repeat(INDENT.length + LABEL_COLUMNS);
    return [INDENT + paint('quiet', label) + padding + first, ...more.map((line) => indent + line)];
  };

  const before = `${padStart(String(rank), 2)}  `;
  const kindPadded = `${padEnd(printable(kind), KIND_COLUMNS)}  `;
  const endpointColumns = width - before.length - SEVERITY_COLUMNS - kindPadded.length;
  return [
    before +
      paint(severity, severity) +
      ' '.repeat(SEVERITY_COLUMNS - severity.length) +
      kindPadded +
      paint('heading', cutTo(printable(endpoint), endpointColumns)),
    ...labelled('what', wrap(printable(summary), textColumns)),
    ...labelled('query', [cutTo(printable(evidence.exampleText ?? ''), textColumns)]),
    ...labelled('fix', wrap(printable(recommendation), textColumns)),
    ...labelled('seen', wrap(seenText(listed), textColumns)),
    ...labelled('trace', wrap(traceText(listed), textColumns)),
  ];
}

function seenText({
  finding,
  requestCount,
  endpointRequestCount,
  requestShare,
  countMax,
  totalMs,
  repeatMs,
}: ListedFinding): string {
  const requests =
    endpointRequestCount === undefined || requestShare === undefined
      ? `in ${formatCountOf(requestCount, 'request')}`
      : `in ${formatCount(requestCount)} of ${formatCountOf(endpointRequestCount, 'request')} (${formatShare(requestShare)})`;
  const upTo = (isShown: boolean): string =>
    isShown ? `, up to ${formatCountOf(countMax, 'query', 'queries')} in one request` : '';
  switch (finding.kind) {
    case 'slow-endpoint':
      return `${requests}, which took ${formatDuration(totalMs)} together`;
    case 'slow-query':
      return `${requests}${upTo(countMax > 1)}, ${formatDuration(totalMs)} together`;
    case 'n-plus-one':
    case 'duplicate-query':
      return `${requests}${upTo(true)}, ${formatDuration(repeatMs)} in repeats`;
  }
}

function traceText({ evidenceTraceId, evidenceSampled }: ListedFinding): string {
  return printable(evidenceTraceId) + (evidenceSampled ? '' : ' (not exported: it was not sampled)');
}
