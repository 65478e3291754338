import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { LiveRequest } from '../request/live-request.ts';
import { msBetween } from './read-span.ts';

/** A wall clock in whole milliseconds is this far off, and a little more on a busy process. */
const CLOCKS_AGREE_MS = 10;

/**
 * When the call started, from the start of the request. A span's start is a wall clock's whole milliseconds, so that short
 * queries one after the other seem to overlap; the monotonic end less the duration is exact. A span that was made afterwards
 * with times of its own (Prisma's engine sends such) is told by a wall clock that disagrees, and keeps its times.
 */
export function startMsOf(span: ReadableSpan, request: LiveRequest, nowMs: number, durationMs: number): number {
  const endMs = nowMs - request.start.startedAtMs;
  const wallEndMs = msBetween(request.start.startTime, span.endTime);
  return Math.max(0, (Math.abs(wallEndMs - endMs) <= CLOCKS_AGREE_MS ? endMs : wallEndMs) - durationMs);
}
