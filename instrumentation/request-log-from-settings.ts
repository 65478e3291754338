import { slowEndpoint } from '../analysis/detectors/slow-endpoint.ts';
import { thresholdsOf, type ThresholdOverrides } from '../analysis/find-in-request.ts';
import { systemClock } from '../core/clock.ts';
import type { Settings } from '../core/settings.ts';
import { RequestLogFile } from './request-log-file.ts';
import { RequestLogStderr } from './request-log-stderr.ts';
import { RequestLog, type RequestLogOptions } from './request-log.ts';

export interface RequestLogSetup extends Pick<RequestLogOptions, 'drops' | 'faults' | 'log'> {
  readonly thresholds: ThresholdOverrides;
}

/** The request log that the settings ask for; `undefined` when they ask for none. Opens nothing yet. */
export function requestLogFromSettings(
  { requestLog, requestLogOnly }: Pick<Settings, 'requestLog' | 'requestLogOnly'>,
  { thresholds, ...setup }: RequestLogSetup,
): RequestLog | undefined {
  if (requestLog === undefined) return undefined;
  const target =
    requestLog === 'stderr'
      ? new RequestLogStderr()
      : new RequestLogFile(requestLog.replaceAll('%p', String(process.pid)), systemClock);
  const { minMs: slowRequestMinMs = slowEndpoint.defaults.minMs } = thresholdsOf(slowEndpoint, thresholds);
  return new RequestLog({ ...setup, target, only: requestLogOnly, slowRequestMinMs, clock: systemClock });
}
