import type { Finding, SavedMs } from '../../core/finding.ts';
import type { CallGroup, RequestRecord } from '../../core/types.ts';
import { callFingerprint, callSeverity, hasDistinctTargets } from '../call-finding.ts';
import { defineRequestDetector } from '../detector.ts';
import { formatMs, repeatModeOf } from '../finding-parts.ts';
import { adviseOneRoundTrip } from '../key-value-advice.ts';
import { keyValueOperation } from '../key-value-commands.ts';

/**
 * One command of Redis, Valkey or memcached, once per key.
 *
 *     GET /feed
 *       HGETALL user:17
 *       HGETALL user:23         each waits for the answer of the one before it
 *       …
 *
 * Commands are grouped by what stands before the first separator of their key. Keys that the instrumentation does not write
 * count as differing; the finding is then less sure.
 *
 * Not detected: commands at the same time, in a pipeline or in MULTI, which share their round trips; commands on one key
 * again and again (rate limiters, locks, queues); MGET, SCAN and others that take or give many keys at once.
 */
export const nPlusOneKv = defineRequestDetector({
  kind: 'n-plus-one-kv',
  description: 'One command of a key-value store runs once per key, one after the other.',
  defaults: { minQueries: 10 },

  detect(request, { minQueries }) {
    const loops = request.calls
      .filter((group) => group.type === 'kv' && group.count >= minQueries && repeatModeOf(group) !== 'parallel')
      .filter(hasDistinctTargets)
      .toSorted((a, b) => b.unionMs - a.unionMs);
    // Keys of two kinds may have one shape, which is all that leaves the process: the longer loop speaks for both.
    const longest = new Map(loops.toReversed().map((group) => [`${group.system} ${group.shape}`, group]));
    return loops
      .filter((group) => longest.get(`${group.system} ${group.shape}`) === group)
      .map((group) => toFinding(request, group));
  },
});

function toFinding(request: RequestRecord, group: CallGroup): Finding {
  const operation = keyValueOperation(group.name, group.system) ?? 'read';
  const keysKnown = group.distinctTargets > 0;
  const savedMs = savedBy(group);
  return {
    kind: 'n-plus-one-kv',
    severity: keysKnown ? callSeverity(group, operation, request) : 'info',
    endpoint: request.endpoint,
    fingerprint: callFingerprint('n-plus-one-kv', request.endpoint, group.shape),
    summary:
      `${group.name} ran ${group.count}× ${keysKnown ? 'with other keys' : 'with keys that are not known'} ` +
      `(${formatMs(group.totalMs)} in ${group.system}, request ${formatMs(request.durationMs)})`,
    recommendation: adviseOneRoundTrip(group),
    confidence: keysKnown ? 0.8 : 0.4,
    savedMs,
    estimate:
      `${group.count} round trips of at least ${formatMs(group.durationMsMin)} become one: ${formatMs(savedMs[0])} less; ` +
      `${formatMs(savedMs[1])} when all together take as long as the longest now (${formatMs(group.durationMsMax)}).`,
    evidence: {
      count: group.count,
      totalMs: group.totalMs,
      repeatMs: group.totalMs - group.totalMs / group.count,
      spanIds: group.spanIds,
      exampleText: group.name,
      mode: repeatModeOf(group),
      operation,
      ...(group.client !== undefined && { client: group.client }),
      ...(group.callSite !== undefined && { callSite: group.callSite }),
    },
  };
}

function savedBy({ count, unionMs, durationMsMin, durationMsMax }: CallGroup): SavedMs {
  const most = Math.max(0, unionMs - durationMsMax);
  return [Math.min(most, (count - 1) * durationMsMin), most];
}
