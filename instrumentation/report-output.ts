import { writeFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { DropCounters } from '../core/drop-counters.ts';
import type { FaultLog } from '../core/fault-log.ts';
import type { Settings } from '../core/settings.ts';
import { cachePatternStatistics } from '../monitor/cache-pattern-statistics.ts';
import { reportJson } from '../report/json.ts';
import { requestsOfAnyKind, type ReportInput } from '../report/report-input.ts';
import { reportText } from '../report/text.ts';
import { performanceMonitor, queryAnalyzer, readCaches } from './default-systems.ts';
import type { StderrLog } from './stderr-log.ts';
import { writeStderr } from './write-stderr.ts';

const STDERR = 2;
/** A report may be larger than a pipe: its reader gets this time to keep up. */
const PIPE_WAIT_MS_MAX = 500;

/** Writes the report of this process where the settings say. Synchronous, for it runs while the process ends. */
export class ReportOutput {
  readonly #settings: Pick<Settings, 'report' | 'reportFile' | 'reportSignal'>;
  readonly #service: string;
  readonly #drops: DropCounters;
  readonly #faults: FaultLog;
  readonly #log: StderrLog;
  readonly #file: string | undefined;

  constructor(
    settings: Pick<Settings, 'report' | 'reportFile' | 'reportSignal'>,
    service: string,
    drops: DropCounters,
    faults: FaultLog,
    log: StderrLog,
  ) {
    this.#settings = settings;
    this.#service = service;
    this.#drops = drops;
    this.#faults = faults;
    this.#log = log;
    this.#file = settings.reportFile?.replaceAll('%p', String(process.pid));
  }

  /** Listens to the signal that the settings name, if any. Returns the end of it. */
  installSignal(): () => void {
    const signal = this.#settings.reportSignal;
    if (signal === undefined) return () => undefined;
    const listener = (): void => this.write(this.#settings.report === 'json' ? 'json' : 'text');
    process.on(signal, listener);
    return () => void process.removeListener(signal, listener);
  }

  /** Writes the report that the settings ask for at the end of the process. */
  writeAtExit(): void {
    if (this.#settings.report !== 'off') this.write(this.#settings.report);
  }

  /** The statistics and findings so far, with what was dropped. */
  input(): ReportInput {
    const { findings, highFrequencyEndpoints, lowCacheHitRates, findingsDropped, findingsSuppressed } =
      queryAnalyzer.getReport();
    const { patterns, cachesNotRegistered } = readCaches();
    return {
      service: this.#service,
      statistics: performanceMonitor.getStatistics(),
      queries: performanceMonitor.getQueryStatistics(),
      findings,
      highFrequencyEndpoints,
      caches: cachePatternStatistics(patterns),
      lowCacheHitRates,
      cachesNotRegistered,
      findingsDropped,
      findingsSuppressed,
      dropped: this.#drops.toJson(),
    };
  }

  write(format: 'text' | 'json'): void {
    try {
      const input = this.input();
      const color = this.#file === undefined && isatty(STDERR) && !process.env['NO_COLOR'];
      const text = format === 'json' ? `${JSON.stringify(reportJson(input))}\n` : `${reportText(input, { color })}\n`;
      if (this.#file === undefined) writeStderr(text, PIPE_WAIT_MS_MAX);
      else writeReportFile(this.#file, text, requestsOfAnyKind(input.statistics) > 0);
    } catch (thrown) {
      if (this.#file === undefined) this.#faults.caught('report', thrown);
      else
        this.#log.line(
          `the report could not be written to ${this.#file} (${codeOf(thrown)}). SLOWPATH_REPORT_FILE names a file in a folder that exists.`,
        );
    }
  }
}

/** A process that measured nothing, such as a parent that only starts others, takes no file from one that did. */
function writeReportFile(file: string, text: string, hasRequests: boolean): void {
  try {
    writeFileSync(file, text, { flag: hasRequests ? 'w' : 'wx' });
  } catch (thrown) {
    if (hasRequests || codeOf(thrown) !== 'EEXIST') throw thrown;
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error';
}
