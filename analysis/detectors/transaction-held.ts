import type { CallSite, HeldTransactions, RequestRecord } from '../../core/types.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, warningOrCritical } from '../finding-parts.ts';

/**
 * A transaction that stays open, and does nothing, while another service is called.
 *
 *     POST /orders
 *       BEGIN
 *       INSERT INTO orders …
 *       POST https://payments.internal/charges      400 ms: locks and connection are kept
 *       COMMIT
 *
 * A call counts when the transaction was open before it and after it, no statement ran or started meanwhile, and COMMIT or
 * ROLLBACK came within the request.
 *
 * Not detected: a call that starts while a statement is running; calls of which no span tells that they are HTTP; a
 * transaction of which no span tells that it began; waits for anything but HTTP.
 */
export const transactionHeld = defineRequestDetector({
  kind: 'transaction-held',
  description: 'A transaction stays open while another service is called.',
  defaults: { minMs: 50 },

  detect(request, { minMs }) {
    const held = request.heldTransactions;
    if (held === undefined || held.totalMs < minMs) return [];
    const { count, totalMs, callName, spanIds } = held;
    const callSite = callSiteOf(held, request);
    const calls = count === 1 ? callName : `${count} calls, the longest of them ${callName}`;
    return [
      {
        kind: 'transaction-held',
        severity: warningOrCritical(count, totalMs, request),
        endpoint: request.endpoint,
        fingerprint: findingFingerprint('transaction-held', request.endpoint),
        summary: `a transaction was open for ${formatMs(totalMs)} while it waited for ${calls} (request ${formatMs(request.durationMs)})`,
        recommendation:
          'Call before BEGIN or after COMMIT. If the call must not be lost once the rows are written, write it down in the ' +
          'same transaction and make it afterwards (an outbox).',
        confidence: 0.9,
        savedMs: [0, 0],
        estimate:
          `The request gets no faster; its locks and its connection are free ${formatMs(totalMs)} earlier, ` +
          'which is what other requests wait for.',
        evidence: {
          count,
          totalMs,
          repeatMs: totalMs,
          spanIds,
          exampleText: callName,
          ...(callSite !== undefined && { callSite }),
        },
      },
    ];
  },
});

/** The line of the longest call: of the group that has its name and one of the calls that held. */
function callSiteOf({ callName, spanIds }: HeldTransactions, { calls }: RequestRecord): CallSite | undefined {
  return calls.find(({ name, spanIds: ofGroup }) => name === callName && ofGroup.some((id) => spanIds.includes(id)))
    ?.callSite;
}
