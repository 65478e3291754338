import type { ReportedFinding } from '../analysis/query-analyzer.ts';
import type { Statistics } from '../monitor/statistics.ts';

/** What a report is made of: plain data from the monitor and the analyzer. */
export interface ReportInput {
  /** The name of the service that was measured. */
  readonly service: string;
  readonly statistics: Statistics;
  /** All findings; the report leaves out those that are not worth reporting. */
  readonly findings: readonly ReportedFinding[];
  /** What was dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** One line that is shown under the heading. */
  readonly note?: string;
}
