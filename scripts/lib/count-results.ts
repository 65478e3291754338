/** What CI says at its end. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of Vitest's JSON report that is counted: https://vitest.dev/guide/reporters.html#json-reporter */
interface VitestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts the tests of one Vitest run from the text of its JSON report. A file that failed without a failed test (it could not
 * be loaded, or its hooks threw) is one failed test, and so is a report that is missing or cannot be read.
 */
export function countResults(report: string | undefined): TestCounts {
  const parsed = report === undefined ? undefined : parseReport(report);
  if (parsed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const { status, assertionResults } of parsed.testResults) {
    const count = (wanted: string): number => assertionResults.filter((result) => result.status === wanted).length;
    const failedHere = count('failed');
    passed += count('passed');
    failed += status === 'failed' && failedHere === 0 ? 1 : failedHere;
    // Whatever it is called (skipped, pending, todo, disabled), it was not run.
    skipped += assertionResults.length - count('passed') - failedHere;
  }
  return { passed, failed, skipped };
}

function parseReport(text: string): VitestReport | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isReport = typeof value === 'object' && value !== null && 'testResults' in value;
    return isReport && Array.isArray(value.testResults) ? (value as VitestReport) : undefined;
  } catch {
    return undefined; // Half-written: the run was ended while it wrote.
  }
}

/**
 * Adds up the reports that one command wrote. A command that failed with no failed test in its reports (the check before the
 * tests, an installation) is one failed test more.
 */
export function countCommand(reports: readonly (string | undefined)[], exitCode: number): TestCounts {
  const counts = reports.map(countResults);
  const sum = (name: keyof TestCounts): number => counts.reduce((total, count) => total + count[name], 0);
  const failed = sum('failed');
  return {
    passed: sum('passed'),
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: sum('skipped'),
  };
}
