import type { Finding, SavedMs } from '../../core/finding.ts';
import type { CallGroup, RequestRecord } from '../../core/types.ts';
import { callFingerprint, callSeverity, hasDistinctTargets } from '../call-finding.ts';
import { defineRequestDetector } from '../detector.ts';
import { formatMs, repeatModeOf } from '../finding-parts.ts';

/** So many calls at the same time are taken to be bearable for any service, in the estimate. */
const SOME_AT_ONCE = 4;

/**
 * One URL template of another service, called once per row of something else.
 *
 *     GET /orders
 *       SELECT * FROM orders LIMIT 10
 *       GET https://users.internal/users/17        once per order: one after the other,
 *       GET https://users.internal/users/23        or at the same time
 *       …
 *
 * Calls are grouped by method, host, path template and the names of the query's parameters. Most of them must ask for
 * something else: polling, retries, GraphQL queries, the pages of one list and the parts of one upload have one target.
 * A call belongs to the loop if it starts at most `maxStartGapMs` after another one of it has started or ended.
 *
 * Not detected: loops over paths whose varying segment looks like a word (`/users/jane`), over several hosts, and calls
 * that differ in their body alone.
 */
export const nPlusOneHttp = defineRequestDetector({
  kind: 'n-plus-one-http',
  description: 'Another service is called once per row, at the same URL with other values each time.',
  defaults: { minCalls: 5, minTotalMs: 300, maxStartGapMs: 1000 },

  // The record parted the bursts as the calls ended, by the same `maxStartGapMs`.
  detect(request, { minCalls, minTotalMs }) {
    return request.calls
      .filter(({ type, count, totalMs }) => type === 'http' && count >= minCalls && totalMs >= minTotalMs)
      .filter(hasDistinctTargets)
      .map((group) => toFinding(request, group));
  },
});

function toFinding(request: RequestRecord, group: CallGroup): Finding {
  const mode = repeatModeOf(group);
  const operation = /^(?:GET|HEAD|OPTIONS|QUERY) /.test(group.name) ? 'read' : 'write';
  const savedMs = savedBy(group);
  return {
    kind: 'n-plus-one-http',
    severity: callSeverity(group, operation, request),
    endpoint: request.endpoint,
    fingerprint: callFingerprint('n-plus-one-http', request.endpoint, group.shape),
    summary:
      `${group.name} was called ${group.count}×${mode === 'parallel' ? ' at the same time' : ''} with other values ` +
      `(${formatMs(group.totalMs)} in calls, request ${formatMs(request.durationMs)})`,
    recommendation: recommend(operation, mode === 'parallel'),
    // Whether the other service can take them all in one call is not known.
    confidence: operation === 'read' ? 0.8 : 0.6,
    savedMs,
    estimate:
      `The calls held the request for ${formatMs(group.unionMs)}. One call for all, as long as the longest now ` +
      `(${formatMs(group.durationMsMax)}), saves ${formatMs(savedMs[1])}; ${SOME_AT_ONCE} at a time, ${formatMs(savedMs[0])}.`,
    evidence: {
      count: group.count,
      totalMs: group.totalMs,
      repeatMs: group.totalMs - group.totalMs / group.count,
      spanIds: group.spanIds,
      exampleText: group.name,
      mode,
      operation,
      ...(group.callSite !== undefined && { callSite: group.callSite }),
    },
  };
}

function savedBy({ unionMs, totalMs, durationMsMax }: CallGroup): SavedMs {
  const someAtOnceMs = Math.max(durationMsMax, totalMs / SOME_AT_ONCE);
  return [Math.max(0, unionMs - someAtOnceMs), Math.max(0, unionMs - durationMsMax)];
}

function recommend(operation: 'read' | 'write', parallel: boolean): string {
  const oneCall =
    operation === 'read'
      ? 'Ask the service for all of them in one call: a batch endpoint, or a list of ids in the query.'
      : 'Send all of them to the service in one call, if it has a batch endpoint.';
  return parallel
    ? `${oneCall} Running them at the same time hides the wait, but each is work for the other service and takes a socket.`
    : `${oneCall} If it has none, let ${SOME_AT_ONCE} of them run at a time instead of one after the other.`;
}
