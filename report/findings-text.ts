import { formatCallSite } from '../core/call-site-text.ts';
import type { Finding, FindingKind } from '../core/finding.ts';
import type { StatementSource } from '../core/types.ts';
import { formatCount, formatCountOf, formatDuration, formatEstimate, formatShare } from './format-number.ts';
import { labelledLines, textColumnsOf } from './labelled-lines.ts';
import type { Paint } from './palette.ts';
import { cutTo, padEnd, padStart, printable, wrap } from './terminal-text.ts';
import type { ListedFinding } from './worth-reporting.ts';

const SEVERITY_COLUMNS = 'critical'.length + 2;
const KIND_COLUMNS = 'consecutive-queries'.length;

/** The lines of one finding: what it is, its statement, the line of the application, what to do, how often it was seen. */
export function findingLines(listed: ListedFinding, rank: number, width: number, paint: Paint): string[] {
  const { finding } = listed;
  const { summary, recommendation, evidence } = finding;
  const columns = textColumnsOf(width);
  const wrapped = (label: string, text: string): string[] =>
    labelledLines(label, wrap(printable(text), columns), paint);
  return [
    headingLine(finding, rank, width, paint),
    ...wrapped('what', summary),
    ...labelledLines('query', [cutTo(printable(evidence.exampleText ?? ''), columns)], paint),
    ...wrapped('where', whereText(finding)),
    ...wrapped('source', sourceText(finding)),
    ...wrapped('fix', recommendation),
    ...wrapped('saves', savesText(listed)),
    ...wrapped('seen', seenText(listed)),
    ...wrapped('trace', traceText(listed)),
  ];
}

/** Rank, severity, kind and endpoint. */
export function headingLine(finding: Finding, rank: number, width: number, paint: Paint): string {
  const { severity, kind, endpoint } = finding;
  const before = `${padStart(String(rank), 2)}  `;
  const kindPadded = `${padEnd(printable(kind), KIND_COLUMNS)}  `;
  const endpointColumns = width - before.length - SEVERITY_COLUMNS - kindPadded.length;
  return (
    before +
    paint(severity, severity) +
    ' '.repeat(SEVERITY_COLUMNS - severity.length) +
    kindPadded +
    paint('heading', cutTo(printable(endpoint), endpointColumns))
  );
}

function whereText({ evidence: { callSite } }: Finding): string {
  if (callSite === undefined) return '';
  const inFunction = callSite.functionName === undefined ? '' : ` in ${callSite.functionName}`;
  return formatCallSite(callSite) + inFunction;
}

/** The query whose rows the repeats follow, and what shows that they do. */
function sourceText({ evidence: { source } }: Finding): string {
  if (source === undefined) return '';
  const rows = source.rowCount === undefined ? '' : `${formatCountOf(source.rowCount, 'row')}, `;
  return `${source.summary} (${rows}${PROOFS[source.proof]})`;
}

const PROOFS: Readonly<Record<StatementSource['proof'], string>> = {
  rows: 'as many as the repeats',
  name: 'the repeats ask by a column that is called after its table',
  order: 'the last read before the repeats',
};

/** The average request, what it adds up to, and how that of the costliest request was computed. */
function savesText({ finding, requestCount, savedMs: [lowMs, highMs] }: ListedFinding): string {
  if (highMs <= 0) return '';
  const each = `${formatEstimate(lowMs / requestCount, highMs / requestCount)} per request`;
  const inAll = requestCount > 1 ? `, ${formatEstimate(lowMs, highMs)} in all` : '';
  const costliest = requestCount > 1 ? 'the costliest: ' : '';
  return each + inAll + (finding.estimate === undefined ? '' : ` (${costliest}${finding.estimate})`);
}

/** One of those that `evidence.count` counts, and several. */
const COUNTED: Readonly<Record<FindingKind, readonly [one: string, many: string]>> = {
  'n-plus-one': ['query', 'queries'],
  'duplicate-query': ['query', 'queries'],
  'consecutive-queries': ['query', 'queries'],
  'slow-query': ['query', 'queries'],
  'unbounded-result': ['query', 'queries'],
  'query-budget': ['query', 'queries'],
  'transaction-held': ['call', 'calls'],
  'n-plus-one-http': ['call', 'calls'],
  'consecutive-http': ['call', 'calls'],
  'n-plus-one-kv': ['command', 'commands'],
  'slow-endpoint': ['request', 'requests'],
  'high-frequency-endpoint': ['request', 'requests'],
  'low-cache-hit-rate': ['look-up', 'look-ups'],
};

function seenText({
  finding: { kind },
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
  const upTo = `, up to ${formatCountOf(countMax, ...COUNTED[kind])} in one request`;
  switch (kind) {
    case 'slow-endpoint':
    case 'high-frequency-endpoint':
      return `${requests}, which took ${formatDuration(totalMs)} together`;
    case 'slow-query':
    case 'unbounded-result':
      return `${requests}${countMax > 1 ? upTo : ''}, ${formatDuration(totalMs)} together`;
    case 'transaction-held':
      return `${requests}${countMax > 1 ? upTo : ''}, held for ${formatDuration(totalMs)} together`;
    case 'consecutive-queries':
    case 'consecutive-http':
    case 'query-budget':
    case 'low-cache-hit-rate':
      return `${requests}${upTo}, ${formatDuration(totalMs)} together`;
    case 'n-plus-one':
    case 'n-plus-one-http':
    case 'n-plus-one-kv':
    case 'duplicate-query':
      return `${requests}${upTo}, ${formatDuration(repeatMs)} in repeats`;
  }
}

function traceText({ evidenceTraceId, evidenceSampled }: ListedFinding): string {
  return evidenceTraceId + (evidenceSampled ? '' : ' (not exported: it was not sampled)');
}
