import type { Finding } from '../../core/finding.ts';
import type { LongCall, RequestRecord } from '../../core/types.ts';
import { callFingerprint } from '../call-finding.ts';
import { defineRequestDetector } from '../detector.ts';
import { formatMs, warningOrCritical } from '../finding-parts.ts';

/** Names of calls in a finding's text. */
const MAX_NAMES = 5;

/**
 * Long calls of other services that wait for each other and may not have to.
 *
 *     GET /dashboard
 *       GET https://users.internal/profile       900 ms
 *       GET https://bills.internal/open                 1100 ms
 *       GET https://mail.internal/unread                       1000 ms
 *
 * A run is made of reads (GET, HEAD) of different shapes, none of which overlaps another, with pauses of at most `maxGapMs`.
 * A call that is no read ends it: what follows may depend on it. So does a second call of a shape that is in the run.
 *
 * Not detected: whether a call needs the answer of the one before it, so the finding says "if". Not detected either: calls
 * of less than `minCallMs`, and runs of writes.
 */
export const consecutiveHttp = defineRequestDetector({
  kind: 'consecutive-http',
  description: 'Long calls of other services run one after the other.',
  defaults: { minCallMs: 500, minCalls: 3, minSavedMs: 2000, maxGapMs: 1000 },

  detect(request, { minCallMs, minCalls, minSavedMs, maxGapMs }) {
    const calls = request.longCalls.filter(({ durationMs }) => durationMs >= minCallMs);
    if (calls.length < minCalls) return [];
    return runsOf(calls, maxGapMs)
      .filter((run) => run.length >= minCalls && savedMsOf(run) >= minSavedMs)
      .map((run) => toFinding(request, run));
  },
});

function runsOf(calls: readonly LongCall[], maxGapMs: number): readonly (readonly LongCall[])[] {
  const runs: LongCall[][] = [];
  let run: LongCall[] = [];
  let lastEndMs = 0;
  for (const call of calls.toSorted((a, b) => a.startMs - b.startMs)) {
    const previous = run.at(-1);
    if (previous !== undefined && call.startMs < lastEndMs) {
      // It ran beside the last one, so that one was not waited for: neither belongs to a run.
      run.pop();
      runs.push(run);
      run = [];
    } else if (!continues(run, call, lastEndMs + maxGapMs)) {
      runs.push(run);
      run = isRead(call) ? [call] : [];
    } else run.push(call);
    lastEndMs = Math.max(lastEndMs, call.startMs + call.durationMs);
  }
  return [...runs, run];
}

function continues(run: readonly LongCall[], call: LongCall, latestStartMs: number): boolean {
  return isRead(call) && call.startMs <= latestStartMs && run.every(({ group }) => group !== call.group);
}

function isRead({ method, group }: LongCall): boolean {
  return (method === 'GET' || method === 'HEAD') && group >= 0;
}

/** All but the longest, if they all start together. */
function savedMsOf(run: readonly LongCall[]): number {
  return totalMsOf(run) - longestMsOf(run);
}

function totalMsOf(run: readonly LongCall[]): number {
  return run.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function longestMsOf(run: readonly LongCall[]): number {
  return Math.max(...run.map(({ durationMs }) => durationMs));
}

function toFinding(request: RequestRecord, run: readonly LongCall[]): Finding {
  const groups = run.flatMap(({ group }) => request.calls[group] ?? []);
  const [totalMs, longestMs, savedMs] = [totalMsOf(run), longestMsOf(run), savedMsOf(run)];
  const names = groups.slice(0, MAX_NAMES).map(({ name }) => name);
  const more = groups.length > MAX_NAMES ? ` and ${groups.length - MAX_NAMES} more` : '';
  const callSite = groups.find((group) => group.callSite !== undefined)?.callSite;
  return {
    kind: 'consecutive-http',
    severity: warningOrCritical(run.length, savedMs, request),
    endpoint: request.endpoint,
    fingerprint: callFingerprint(
      'consecutive-http',
      request.endpoint,
      groups
        .map(({ shape }) => shape)
        .toSorted()
        .join('\n'),
    ),
    summary: `${run.length} calls ran one after the other (${formatMs(totalMs)}, the longest ${formatMs(longestMs)}): ${names.join(', ')}${more}`,
    recommendation: 'If none of them needs the answer of another, start them together: await Promise.all([...]).',
    confidence: 0.5,
    savedMs: [savedMs / 2, savedMs],
    estimate:
      `${formatMs(totalMs)} in all less ${formatMs(longestMs)}, the longest, when all start together; half of it, ` +
      'when some of them depend on others.',
    evidence: {
      count: run.length,
      totalMs,
      repeatMs: savedMs,
      spanIds: run.map(({ spanId }) => spanId),
      exampleText: names.join(', ') + more,
      mode: 'sequential',
      operation: 'read',
      ...(callSite !== undefined && { callSite }),
    },
  };
}
