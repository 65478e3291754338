import type { QueryGroup, RequestRecord } from '../core/types.ts';
import { isBatch, isChunkedWrite, isCursor, isOptimisticRetry, isPages, retryCount } from './group-nature.ts';
import { loopSource, type LoopSource } from './loop-source.ts';

/** Queries of one shape that repeat because that is how it is done: they are no loop over rows, and count as one query. */
export function repeatsOnPurpose(group: QueryGroup, { groups }: RequestRecord): boolean {
  if (isCursor(group) || group.traits.polls || isBatch(group) || isChunkedWrite(group) || isOptimisticRetry(group))
    return true;
  return isPages(group) && !followsRows(loopSource(group, groups));
}

/** Queries of the group that the request would have sent had nothing failed; those that repeat on purpose count once. */
export function plannedCount(group: QueryGroup, request: RequestRecord): number {
  return repeatsOnPurpose(group, request) ? 1 : group.count - retryCount(group, request.rollbackCount);
}

/** Where rows or names show a source, the pages are the first ones of many lists, one for each of its rows. */
function followsRows(source: LoopSource | undefined): boolean {
  return source !== undefined && source.proof !== 'order';
}
