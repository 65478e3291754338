import type { Finding, FindingKind } from '../core/finding.ts';
import type { RequestRecord } from '../core/types.ts';
import type { RequestDetector, Thresholds } from './detector.ts';
import { withoutCovered } from './covered-findings.ts';
import { requestDetectors } from './detectors/index.ts';
import { queryBudget } from './detectors/query-budget.ts';

/** Thresholds by kind; what is not named keeps its default. */
export type ThresholdOverrides = Readonly<Partial<Record<FindingKind, Partial<Thresholds>>>>;

/** The thresholds that a detector runs with. */
export function thresholdsOf(detector: RequestDetector, overrides: ThresholdOverrides): Thresholds {
  const own = overrides[detector.kind];
  return own === undefined ? detector.defaults : { ...detector.defaults, ...definedOnly(own) };
}

/**
 * Runs every detector over one request, and leaves out what goes away with another finding. A detector that throws is reported to `onFault`, and the others still run.
 */
export function findInRequest(
  request: RequestRecord,
  overrides: ThresholdOverrides,
  onFault: (code: string, thrown: unknown) => void,
): readonly Finding[] {
  const findings = requestDetectors.flatMap((detector) => {
    try {
      return detector.detect(request, thresholdsOf(detector, overrides));
    } catch (thrown) {
      onFault(`detector ${detector.kind}`, thrown);
      return [];
    }
  });
  if (findings.length < 2) return findings;
  const { maxQueries } = { ...queryBudget.defaults, ...thresholdsOf(queryBudget, overrides) };
  return withoutCovered(findings, request, maxQueries);
}

function definedOnly(thresholds: Partial<Thresholds>): Thresholds {
  return Object.fromEntries(
    Object.entries(thresholds).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
