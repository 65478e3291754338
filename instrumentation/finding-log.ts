import type { QueryAnalyzer } from '../analysis/query-analyzer.ts';
import type { AnalyzedRequest } from '../core/types.ts';
import { SLOW_REQUESTS_MIN } from '../report/worth-reporting.ts';
import type { StderrLog } from './stderr-log.ts';

/** Lines in the life of a process: whoever has more findings than that reads the report. */
const MAX_LINES = 50;

/** Says each new finding once, in one line. A slow query or endpoint is believed at its third request, for the first are cold. */
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

  /** Gives the request's findings to the analyzer and, where the settings have it so, says the new ones. */
  add(request: AnalyzedRequest): void {
    if (request.findings.length === 0) return;
    for (const { finding, requestCount } of this.#analyzer.add(request)) {
      const isTiming = finding.kind === 'slow-query' || finding.kind === 'slow-endpoint';
      if (!this.#isOn || requestCount !== (isTiming ? SLOW_REQUESTS_MIN : 1) || this.#lineCount > MAX_LINES) continue;
      this.#lineCount++;
      this.#log.line(
        this.#lineCount > MAX_LINES
          ? `${MAX_LINES} findings were printed; the others are in the report (SLOWPATH_REPORT=text).`
          : `${finding.kind} in ${finding.endpoint}: ${finding.summary}. ${finding.recommendation}`,
      );
    }
  }
}
