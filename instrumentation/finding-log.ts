import type { QueryAnalyzer } from '../analysis/query-analyzer.ts';
import { formatCallSite } from '../core/call-site-text.ts';
import type { Finding } from '../core/finding.ts';
import type { AnalyzedRequest } from '../core/types.ts';
import { mayBeChance, SLOW_REQUESTS_MIN } from '../report/worth-reporting.ts';
import type { StderrLog } from './stderr-log.ts';

/** Lines in the life of a process: whoever has more findings than that reads the report. */
const MAX_LINES = 50;

/** Says each new finding once, in one line. What may be slow by chance is believed at its third request, for the first are cold. */
export class FindingLog {
  readonly #analyzer: QueryAnalyzer;
  readonly #log: StderrLog;
  readonly #isOn: boolean;
  #lineCount = 0;

  constructor(analyzer: QueryAnalyzer, log: StderrLog, isOn: boolean) {
    this.#analyzer = analyzer;
    this.#log = log;
    this.#isOn = isOn;
  }

  /** Gives the request to the analyzer and, where the settings have it so, says its new findings. */
  add(request: AnalyzedRequest): void {
    for (const { finding, requestCount } of this.#analyzer.add(request)) {
      const isNew = requestCount === (mayBeChance(finding.kind) ? SLOW_REQUESTS_MIN : 1);
      if (!this.#isOn || !isNew || this.#lineCount > MAX_LINES) continue;
      this.#lineCount++;
      this.#log.line(
        this.#lineCount > MAX_LINES
          ? `${MAX_LINES} findings were printed; the others are in the report (SLOWPATH_REPORT=text).`
          : lineOf(finding),
      );
    }
  }
}

function lineOf({ kind, endpoint, summary, recommendation, evidence: { callSite } }: Finding): string {
  const at = callSite === undefined ? '' : ` at ${formatCallSite({ file: callSite.file, line: callSite.line })}`;
  return `${kind} in ${endpoint}${at}: ${summary}. ${recommendation}`;
}
