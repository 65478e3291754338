import { MAX_DURATIONS } from '../core/max-durations.ts';
import type { Endpoint, QueryFingerprint } from '../core/types.ts';
import { describeQuery } from '../sql/index.ts';
import type { MonitoredQueries, MonitoredRequest } from './monitored-request.ts';
import { trackedEndpoint } from './tracked-endpoint.ts';

/** Requests that may be tracked at once; the one that was begun first makes room for another. */
export const MAX_OPEN_TRACKINGS = 1000;
/** A request that has not ended after this many milliseconds is given up. */
export const TRACKING_MS_MAX = 3_600_000;
/** Query shapes that are told apart in one tracked request. */
export const MAX_TRACKED_SHAPES = 100;
const ID_LENGTH_MAX = 200;

/** What became of a call. Nothing is thrown: a mistake in the tracking must not fail the request. */
export type TrackingOutcome =
  { readonly ok: true } | { readonly ok: false; readonly code: TrackingProblem; readonly message: string };

export type TrackingProblem = 'SLOWPATH_TRACKING_UNKNOWN_ID' | 'SLOWPATH_TRACKING_ID' | 'SLOWPATH_TRACKING_VALUE';

/** What is known of a query beside its duration. */
export interface TrackedQuery {
  /** The statement. Its literals are taken out at once. Without it the query is counted, under no shape. */
  readonly text?: string;
  /** `db.system.name`, such as `postgresql`. */
  readonly system?: string;
  readonly failed?: boolean;
  readonly rowCount?: number;
  /** It was slow, by whatever the caller goes by. */
  readonly slow?: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type TrackedQueries = Writable<Omit<MonitoredQueries, 'durationsMs'>> & { readonly durationsMs: number[] };

/** A request that is being tracked: what the monitor will be told of it. */
interface Tracking extends Writable<Omit<MonitoredRequest, 'cache' | 'groups'>> {
  readonly startMs: number;
  readonly groups: Map<QueryFingerprint, TrackedQueries>;
  lookups: number;
  hits: number;
}

const OK: TrackingOutcome = Object.freeze({ ok: true });

/** Requests that code tracks by hand, from their start to their end. Bounded: those that never end are given up and counted. */
export class HandTracking {
  readonly #add: (request: MonitoredRequest) => void;
  readonly #open = new Map<string, Tracking>();
  #notEndedCount = 0;

  constructor(add: (request: MonitoredRequest) => void) {
    this.#add = add;
  }

  /** Requests that were given up, or begun again under the same id, before they ended. */
  get notEndedCount(): number {
    return this.#notEndedCount;
  }

  start(id: string, endpoint: string, method: string, nowMs: number): TrackingOutcome {
    if (typeof id !== 'string' || id === '' || id.length > ID_LENGTH_MAX) return badId();
    if (typeof endpoint !== 'string' || typeof method !== 'string') return badEndpoint();
    if (this.#open.delete(id)) this.#notEndedCount++;
    for (const [oldest, { startMs }] of this.#open) {
      if (this.#open.size < MAX_OPEN_TRACKINGS && nowMs - startMs <= TRACKING_MS_MAX) break;
      this.#open.delete(oldest);
      this.#notEndedCount++;
    }
    this.#open.set(id, newTracking(trackedEndpoint(endpoint, method), nowMs));
    return OK;
  }

  recordQuery(id: string, durationMs: number, query: TrackedQuery): TrackingOutcome {
    const tracking = this.#open.get(id);
    if (tracking === undefined) return unknownId('recordQuery');
    if (typeof durationMs !== 'number' || !(durationMs >= 0 && durationMs < Infinity)) return badDuration();
    if (typeof query !== 'object' || query === null) return badQuery();
    const shape = query.text === undefined ? undefined : describeQuery(query.text, query.system ?? 'other_sql');
    if (shape?.kind === 'control') return OK;
    tracking.queryCount++;
    tracking.queryTotalMs += durationMs;
    if (shape === undefined) return OK;
    const { fingerprint, text, summary } = shape;
    const group = tracking.groups.get(fingerprint);
    if (group !== undefined) addToGroup(group, durationMs, query);
    else if (tracking.groups.size >= MAX_TRACKED_SHAPES) tracking.queriesNotGrouped++;
    else {
      const created = newGroup({ fingerprint, text, summary, system: query.system ?? 'other_sql' });
      addToGroup(created, durationMs, query);
      tracking.groups.set(fingerprint, created);
    }
    return OK;
  }

  recordCacheHit(id: string, hit: boolean): TrackingOutcome {
    const tracking = this.#open.get(id);
    if (tracking === undefined) return unknownId('recordCacheHit');
    tracking.lookups++;
    if (hit) tracking.hits++;
    return OK;
  }

  end(id: string, statusCode: number, nowMs: number): TrackingOutcome {
    const tracking = this.#open.get(id);
    if (tracking === undefined) return unknownId('endTracking');
    this.#open.delete(id);
    const { startMs, groups, lookups, hits, ...counts } = tracking;
    this.#add({
      ...counts,
      failed: statusCode >= 500,
      connection: statusCode === 101 ? 'upgrade' : 'request',
      durationMs: nowMs - startMs,
      groups: [...groups.values()],
      ...(lookups > 0 && { cache: { lookups, hits, staleHits: 0, coalesced: 0, computeMs: 0, savedMs: 0 } }),
    });
    return OK;
  }

  /** Forgets the requests that are open, and the count of those that never ended. */
  reset(): void {
    this.#open.clear();
    this.#notEndedCount = 0;
  }
}

function newTracking(endpoint: Endpoint, startMs: number): Tracking {
  return {
    endpoint,
    startMs,
    failed: false,
    aborted: false,
    connection: 'request',
    durationMs: 0,
    queryCount: 0,
    queryTotalMs: 0,
    queriesObserved: true,
    queriesNotGrouped: 0,
    groups: new Map(),
    lookups: 0,
    hits: 0,
  };
}

function newGroup(names: Pick<MonitoredQueries, 'fingerprint' | 'text' | 'summary' | 'system'>): TrackedQueries {
  return {
    ...names,
    count: 0,
    errorCount: 0,
    totalMs: 0,
    durationsMs: [],
    durationMsMin: Infinity,
    durationMsMax: 0,
    slowCount: 0,
    rowCount: 0,
    rowCountKnown: 0,
    rowCountMax: 0,
  };
}

function addToGroup(group: TrackedQueries, durationMs: number, query: TrackedQuery): void {
  group.count++;
  group.totalMs += durationMs;
  if (group.durationsMs.length < MAX_DURATIONS) group.durationsMs.push(durationMs);
  group.durationMsMin = Math.min(group.durationMsMin, durationMs);
  group.durationMsMax = Math.max(group.durationMsMax, durationMs);
  if (query.failed === true) group.errorCount++;
  if (query.slow === true) group.slowCount++;
  const { rowCount } = query;
  if (rowCount === undefined || !(Number.isSafeInteger(rowCount) && rowCount >= 0)) return;
  group.rowCount += rowCount;
  group.rowCountKnown++;
  group.rowCountMax = Math.max(group.rowCountMax, rowCount);
}

function unknownId(method: string): TrackingOutcome {
  return {
    ok: false,
    code: 'SLOWPATH_TRACKING_UNKNOWN_ID',
    message:
      `${method}: no request is tracked under this id. Call startTracking(id, endpoint, method) first; a request that ` +
      `ended, or that was given up after an hour or for ${MAX_OPEN_TRACKINGS} newer ones, is no longer known.`,
  };
}

function badId(): TrackingOutcome {
  const message = `startTracking: the id must be a text of 1 to ${ID_LENGTH_MAX} characters, for example a UUID.`;
  return { ok: false, code: 'SLOWPATH_TRACKING_ID', message };
}

function badQuery(): TrackingOutcome {
  const message =
    'recordQuery: the query must be an object, for example { text, rowCount }. The query was not counted.';
  return { ok: false, code: 'SLOWPATH_TRACKING_VALUE', message };
}

function badEndpoint(): TrackingOutcome {
  const message = 'startTracking: the endpoint and the method must be strings. Nothing is tracked.';
  return { ok: false, code: 'SLOWPATH_TRACKING_VALUE', message };
}

function badDuration(): TrackingOutcome {
  const message = 'recordQuery: the duration must be a number of milliseconds from 0. The query was not counted.';
  return { ok: false, code: 'SLOWPATH_TRACKING_VALUE', message };
}
