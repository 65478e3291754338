import type { QueryGroup, RequestRecord } from '../core/types.ts';
import type { MonitoredCacheUse } from './cache-totals.ts';

/** What the monitor reads of the queries of one shape in one request. */
export type MonitoredQueries = Pick<
  QueryGroup,
  | 'fingerprint'
  | 'system'
  | 'text'
  | 'summary'
  | 'count'
  | 'errorCount'
  | 'totalMs'
  | 'durationsMs'
  | 'durationMsMin'
  | 'durationMsMax'
  | 'slowCount'
  | 'rowCount'
  | 'rowCountKnown'
  | 'rowCountMax'
>;

/** What the monitor reads of a finished request; every `RequestRecord` is one. */
export interface MonitoredRequest extends Pick<
  RequestRecord,
  | 'endpoint'
  | 'failed'
  | 'aborted'
  | 'connection'
  | 'durationMs'
  | 'queryCount'
  | 'queryTotalMs'
  | 'queriesObserved'
  | 'queriesNotGrouped'
> {
  readonly cache?: MonitoredCacheUse;
  readonly groups: readonly MonitoredQueries[];
}
