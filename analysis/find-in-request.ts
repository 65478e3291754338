import type { Finding, FindingKind } from '../core/finding.ts';
import type { RequestRecord } from '../core/types.ts';
import type { RequestDetector, Thresholds } from './detector.ts';
import { requestDetectors } from './detectors/index.ts';

/** Thresholds by kind; what is not named keeps its default. */
export type ThresholdOverrides = Readonly<Partial<Record<FindingKind, Partial<Thresholds>>>>;

/** The thresholds that a detector runs with. */
export function thresholdsOf(detector: RequestDetector, overrides: ThresholdOverrides): Thresholds {
  const own = overrides[detector.kind];
  return own === undefined ? detector.defaults : { ...detector.defaults, ...definedOnly(own) };
}

/** Runs every detector over one request. A detector that throws is reported to `onFault`, and the others still run. */
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
  return findings.length < 2 ? findings : withoutCovered(findings);
}

/** A duplicate within an N+1 goes away with it: one fault is one finding. */
function withoutCovered(findings: readonly Finding[]): readonly Finding[] {
  const loops = new Set(
    findings.filter(({ kind }) => kind === 'n-plus-one').map(({ evidence }) => evidence.queryFingerprint),
  );
  return findings.filter(({ kind, evidence }) => kind !== 'duplicate-query' || !loops.has(evidence.queryFingerprint));
}

function definedOnly(thresholds: Partial<Thresholds>): Thresholds {
  return Object.fromEntries(
    Object.entries(thresholds).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
