import type { Finding } from '../core/finding.ts';
import type { CallGroup, Endpoint, QueryGroup, RequestRecord } from '../core/types.ts';
import { callShapeKey, type CallEntries } from './call-site-entries.ts';
import type { CapturedStack } from './call-site-stack.ts';
import type { CallSites, LocatedCall } from './call-sites.ts';

/**
 * The record with the lines of the groups that findings speak of, as far as they are known; `undefined` when no line is.
 * A statement or an HTTP call whose line is not known takes its stack the next time that it is sent.
 */
export function withCallSites(
  record: RequestRecord,
  findings: readonly Finding[],
  entries: CallEntries | undefined,
  sites: CallSites,
): RequestRecord | undefined {
  const spans = new Set(findings.flatMap(({ evidence }) => evidence.spanIds));
  const shapes = new Set(findings.map(({ evidence }) => evidence.queryFingerprint));
  let isAnyKnown = false;
  const groups = record.groups.map((group): QueryGroup => {
    if (!shapes.has(group.fingerprint)) return group;
    const { fingerprint } = group;
    const call = callOf(fingerprint, entries?.stackOf(fingerprint), record.endpoint, entries, sites);
    if (call === undefined) {
      sites.arm(group.fingerprint);
      return group;
    }
    isAnyKnown = true;
    return { ...group, callSite: call.callSite, client: call.client ?? group.client };
  });
  const calls = record.calls.map((group): CallGroup => {
    if (!group.spanIds.some((id) => spans.has(id))) return group;
    const shape = callShapeKey(group.system, group.shape);
    const stack = entries?.stackOfCalls(group);
    // Of two groups of one shape, told apart by their keys, an earlier request cannot tell either.
    if (stack === undefined && record.calls.some((other) => other !== group && isSameShape(other, group))) return group;
    const call = callOf(shape, stack, record.endpoint, entries, sites);
    if (call === undefined) {
      if (group.type === 'http') sites.arm(shape);
      return group;
    }
    isAnyKnown = true;
    return { ...group, callSite: call.callSite, client: group.client ?? call.client };
  });
  return isAnyKnown ? { ...record, groups, calls } : undefined;
}

/** By the stack of this request, by what its spans told, or by an earlier request of the endpoint. */
function callOf(
  shape: string,
  stack: CapturedStack | undefined,
  endpoint: Endpoint,
  entries: CallEntries | undefined,
  sites: CallSites,
): LocatedCall | undefined {
  const located = stack && sites.locate(stack, endpoint, shape);
  if (located !== undefined) return located;
  const told = entries?.toldOf(shape);
  return told === undefined ? sites.known(endpoint, shape) : { callSite: told, client: undefined };
}

function isSameShape(one: CallGroup, other: CallGroup): boolean {
  return one.system === other.system && one.shape === other.shape;
}
