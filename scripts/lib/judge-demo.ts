import type { EndpointExpectation } from '../../examples/demo/expected.ts';
import type { Report } from '../../report/json.ts';
import type { LoadResult } from './demo-requests.ts';

type Variant = 'planted' | 'fixed';

/** One variant: what slowpath reported of it, and what the load generator saw. */
export interface DemoRun {
  readonly report: Report;
  readonly load: readonly LoadResult[];
}

interface FindingAtEndpoint {
  readonly variant: Variant;
  readonly endpoint: string;
  readonly kind: string;
}

interface CountedQueries {
  readonly variant: Variant;
  readonly endpoint: string;
  readonly expected: number;
  /** The least and the most of one request; absent if the report does not know. */
  readonly min?: number;
  readonly max?: number;
  readonly asExpected: boolean;
}

/** How the two reports differ from what was planted. */
export interface DemoVerdict {
  /** Nothing differs. */
  readonly asPlanted: boolean;
  /** Every planted problem was reported. */
  readonly plantedFound: boolean;
  /** Planted, and not reported. */
  readonly missing: readonly FindingAtEndpoint[];
  /** Reported, and not planted. */
  readonly unexpected: readonly FindingAtEndpoint[];
  readonly queriesPerRequest: readonly CountedQueries[];
  /** Requests that were sent and those that the report counts, where the two differ. */
  readonly requestsMiscounted: readonly {
    readonly variant: Variant;
    readonly endpoint: string;
    readonly sent: number;
    readonly reported: number;
  }[];
  /** Endpoints whose two variants did not answer the same: then the fix is none. */
  readonly answersDiffer: readonly string[];
}

/** Compares the reports of both variants with what was planted, endpoint by endpoint. */
export function judgeDemo(expected: readonly EndpointExpectation[], planted: DemoRun, fixed: DemoRun): DemoVerdict {
  const runs = [
    ['planted', planted],
    ['fixed', fixed],
  ] as const;
  const missing = expected.flatMap(({ endpoint, findings }) =>
    findings
      .filter((kind) => !planted.report.findings.some((found) => found.endpoint === endpoint && found.kind === kind))
      .map((kind) => ({ variant: 'planted' as const, endpoint, kind })),
  );
  const unexpected = runs.flatMap(([variant, { report }]) =>
    report.findings
      .filter(({ endpoint, kind }) => variant === 'fixed' || !mayBeReported(expected, endpoint, kind))
      .map(({ endpoint, kind }) => ({ variant, endpoint, kind })),
  );
  const queriesPerRequest = runs.flatMap(([variant, { report }]) =>
    expected.map((expectation) => countedQueries(variant, expectation, report)),
  );
  const requestsMiscounted = runs.flatMap(([variant, { report, load }]) =>
    load
      .map(({ endpoint, sent }) => ({ variant, endpoint, sent, reported: statisticsOf(report, endpoint)?.count ?? 0 }))
      .filter(({ sent, reported }) => sent !== reported),
  );
  const answersDiffer = planted.load
    .filter((one) => fixed.load.find((other) => other.endpoint === one.endpoint)?.answersHash !== one.answersHash)
    .map(({ endpoint }) => endpoint);
  const differences = missing.length + unexpected.length + requestsMiscounted.length + answersDiffer.length;
  return {
    asPlanted: differences === 0 && queriesPerRequest.every(({ asExpected }) => asExpected),
    plantedFound: missing.length === 0,
    missing,
    unexpected,
    queriesPerRequest,
    requestsMiscounted,
    answersDiffer,
  };
}

/** The verdict for a reader: one line if all is as planted, else one line for each difference. */
export function verdictLines(verdict: DemoVerdict): string[] {
  const lines = [
    ...verdict.missing.map(
      ({ endpoint, kind }) => `missing: ${kind} was planted at ${endpoint}, and is not in the report`,
    ),
    ...verdict.unexpected.map(
      ({ variant, endpoint, kind }) => `unexpected: ${kind} at ${endpoint} (${variant}) was not planted`,
    ),
    ...verdict.queriesPerRequest
      .filter(({ asExpected }) => !asExpected)
      .map(({ variant, endpoint, expected, min, max }) => {
        const counted = min === undefined ? 'no number' : min === max ? String(min) : `${min} to ${max}`;
        return `queries: ${endpoint} (${variant}) sends ${expected} per request, and the report says ${counted}`;
      }),
    ...verdict.requestsMiscounted.map(
      ({ variant, endpoint, sent, reported }) =>
        `requests: ${sent} were sent to ${endpoint} (${variant}), and the report counts ${reported}`,
    ),
    ...verdict.answersDiffer.map(
      (endpoint) => `answers: the planted and the fixed ${endpoint} did not answer the same`,
    ),
  ];
  if (lines.length > 0) return ['The report differs from what was planted:', ...lines.map((line) => `  ${line}`)];
  return ['As planted: every planted problem was found, nothing else was, and with the fixes all of them are gone.'];
}

function mayBeReported(expected: readonly EndpointExpectation[], endpoint: string, kind: string): boolean {
  return expected.some(
    (one) => one.endpoint === endpoint && [...one.findings, ...one.tolerated].some((k) => k === kind),
  );
}

function countedQueries(variant: Variant, expectation: EndpointExpectation, report: Report): CountedQueries {
  const { endpoint } = expectation;
  const expected = expectation.queriesPerRequest[variant];
  const statistics = statisticsOf(report, endpoint);
  const [min, max] = [statistics?.queriesPerRequestMin, statistics?.queriesPerRequestMax];
  const asExpected = min === expected && max === expected;
  return {
    variant,
    endpoint,
    expected,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    asExpected,
  };
}

function statisticsOf(report: Report, endpoint: string): Report['endpoints'][number] | undefined {
  return report.endpoints.find((statistics) => statistics.endpoint === endpoint);
}
