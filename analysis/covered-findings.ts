import type { Finding, FindingKind } from '../core/finding.ts';
import type { QueryGroup, RequestRecord } from '../core/types.ts';
import { SURE_MIN } from './finding-parts.ts';
import { variesEnough } from './loop-confidence.ts';
import { plannedCount } from './repeats-on-purpose.ts';

/**
 * One fault is one finding: leaves out those that go away with another one on the same group of queries.
 *
 * - A duplicate within an N+1 goes with it. Where the values hardly differ it is the other way round: the duplicate stays.
 * - An unbounded read within an N+1 goes with it; where the N+1 is only an `info`, the unbounded read stays.
 * - A request beyond its budget is explained by its loops and duplicates, if without their repeats it would keep to it.
 */
export function withoutCovered(
  findings: readonly Finding[],
  request: RequestRecord,
  maxQueries: number,
): readonly Finding[] {
  const ofKind = (kind: FindingKind) => byGroup(findings, kind, request);
  const [loops, duplicates, unbounded] = [ofKind('n-plus-one'), ofKind('duplicate-query'), ofKind('unbounded-result')];
  const left = findings.filter((finding) => {
    const group = groupOf(finding, request);
    const loop = group && loops.get(group);
    if (group === undefined || loop === undefined) return true;
    const isLoopUnsure = loop.confidence < SURE_MIN || !variesEnough(group);
    if (finding.kind === 'duplicate-query') return isLoopUnsure;
    if (finding.kind === 'unbounded-result') return loop.severity === 'info';
    if (finding.kind !== 'n-plus-one') return true;
    const isDuplicate = duplicates.has(group) && isLoopUnsure;
    const isUnbounded = unbounded.has(group) && loop.severity === 'info';
    return !isDuplicate && !isUnbounded;
  });
  const repeats = left.reduce((sum, finding) => sum + repeatsOf(finding, request), 0);
  return left.filter(({ kind, evidence }) => kind !== 'query-budget' || evidence.count - repeats > maxQueries);
}

/** Queries that the budget counted and that go away with the finding. */
function repeatsOf(finding: Finding, request: RequestRecord): number {
  if (finding.kind !== 'n-plus-one' && finding.kind !== 'duplicate-query') return 0;
  const group = groupOf(finding, request);
  const { count, distinctParameters = 1 } = finding.evidence;
  const kept = finding.kind === 'n-plus-one' ? 1 : distinctParameters;
  return group === undefined ? 0 : Math.min(count - kept, plannedCount(group, request) - 1);
}

function byGroup(
  findings: readonly Finding[],
  kind: FindingKind,
  request: RequestRecord,
): ReadonlyMap<QueryGroup, Finding> {
  const found = new Map<QueryGroup, Finding>();
  for (const finding of findings) {
    const group = finding.kind === kind ? groupOf(finding, request) : undefined;
    if (group !== undefined) found.set(group, finding);
  }
  return found;
}

/** One shape may have a group on each of several databases: the first span tells which one the finding speaks of. */
function groupOf({ evidence }: Finding, { groups }: RequestRecord): QueryGroup | undefined {
  const { queryFingerprint, spanIds } = evidence;
  return groups.find((group) => group.fingerprint === queryFingerprint && group.spanIds[0] === spanIds[0]);
}
