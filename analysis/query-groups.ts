import { MAX_DURATIONS } from '../core/max-durations.ts';
import type {
  DatabaseClient,
  LongQuery,
  ParameterSet,
  QueryEvent,
  QueryFingerprint,
  QueryGroup,
  StatementTraits,
} from '../core/types.ts';
import { BusyTime } from './busy-time.ts';
import type { RecordLimits } from './record-limits.ts';
import { RepeatTiming } from './repeat-timing.ts';

/** Shapes kept per request; queries of further shapes are counted in `notGrouped`. */
export const MAX_GROUPS = 64;
/** Distinct parameter sets kept per shape. */
export const MAX_PARAMETER_SETS = 16;
/** Long queries kept per request, in the order of their ends. */
export const MAX_LONG_QUERIES = 64;
/** Queries that are remembered as those that may have ended last before another one started. */
const RECENT = 8;

/**
 * Groups the queries of one request while they end: O(1) per query, bounded, no span is kept.
 * The same code serves live spans and replays, so that a test and production agree.
 */
export class QueryGroups {
  readonly #limits: RecordLimits;
  /** By shape; groups of one shape on several databases are a chain, the latest first. */
  #groups: Map<QueryFingerprint, GroupBuilder> | undefined;
  readonly #inOrder: GroupBuilder[] = [];
  #longQueries: LongQuery[] | undefined;
  #writeCount = 0;
  /** From the first query on whose start somebody told. */
  #busy: BusyTime | undefined;
  #unplacedMs = 0;
  /** The last queries that ended: where their groups stand, or -1 for a write, and when. */
  readonly #recentGroups: number[] = [];
  readonly #recentEnds: number[] = [];
  queryCount = 0;
  queryTotalMs = 0;
  notGrouped = 0;

  constructor(limits: RecordLimits) {
    this.#limits = limits;
  }

  /** Milliseconds in which at least one query ran; one whose start nobody told counts in full. */
  get queryUnionMs(): number {
    return this.#unplacedMs + (this.#busy?.unionMs ?? 0);
  }

  /**
   * Counts one data statement. Control statements do not belong here. `transaction` is the number of the transaction that
   * was open, from 1; 0 when none was.
   */
  add(query: QueryEvent, transaction = 0): void {
    this.queryCount++;
    this.queryTotalMs += query.durationMs;
    const group = this.#groupOf(query);
    group?.add(query, this.#limits.slowQueryMinMs, transaction);
    if (group === undefined) this.notGrouped++;
    const place = group?.place ?? -1;
    if (query.kind === 'write') this.#writeCount++;
    if (query.startMs === undefined) {
      this.#unplacedMs += query.durationMs;
      return;
    }
    (this.#busy ??= new BusyTime()).add(query.startMs, query.startMs + query.durationMs);
    if (query.durationMs >= this.#limits.longQueryMinMs) this.#addLong(query, query.startMs, place, transaction > 0);
    const at = this.queryCount % RECENT;
    this.#recentGroups[at] = query.kind === 'write' ? -1 : place;
    this.#recentEnds[at] = query.startMs + query.durationMs;
  }

  /** The groups as they stand, in the order of their first query. */
  toGroups(): readonly QueryGroup[] {
    return this.#inOrder.map((group) => group.build());
  }

  get longQueries(): readonly LongQuery[] {
    return this.#longQueries ?? [];
  }

  #groupOf(query: QueryEvent): GroupBuilder | undefined {
    this.#groups ??= new Map();
    const { fingerprint, startMs } = query;
    const sameShape = this.#groups.get(fingerprint);
    let group = sameShape;
    // Shards, databases and their systems are told apart: the same statement on two of them is no loop.
    while (group !== undefined && !group.isOf(query)) group = group.sameShape;
    if (group === undefined) {
      if (this.#inOrder.length >= MAX_GROUPS) return undefined;
      group = new GroupBuilder(query, this.#inOrder.length, sameShape);
      this.#groups.set(fingerprint, group);
      this.#inOrder.push(group);
    }
    // Of queries that run at the same time, the first to end need not be the first that started.
    if (startMs !== undefined && startMs < group.firstStartMs)
      group.precedingGroup = this.#precedingGroup(startMs) ?? group.precedingGroup;
    return group;
  }

  /** The group of the query that ended last before `startMs`; -1 for a write, `undefined` when none is remembered. */
  #precedingGroup(startMs: number): number | undefined {
    let place: number | undefined;
    let latestMs = -Infinity;
    for (let i = 0; i < RECENT; i++) {
      const endMs = this.#recentEnds[i];
      if (endMs === undefined || endMs > startMs || endMs < latestMs) continue;
      latestMs = endMs;
      place = this.#recentGroups[i] ?? -1;
    }
    return place;
  }

  #addLong(query: QueryEvent, startMs: number, group: number, inTransaction: boolean): void {
    this.#longQueries ??= [];
    if (this.#longQueries.length >= MAX_LONG_QUERIES) return;
    this.#longQueries.push({
      spanId: query.spanId,
      group,
      startMs,
      durationMs: query.durationMs,
      parametersHash: query.parametersHash,
      inTransaction,
      writesBefore: this.#writeCount,
      takesNoValues: query.kind === 'read' && query.parametersHash === 0,
    });
  }
}

/** One shape while its queries come in. */
class GroupBuilder {
  /** Place in the list of groups. */
  readonly place: number;
  /** The group of the same shape on another database that came before this one. */
  readonly sameShape: GroupBuilder | undefined;
  precedingGroup = -1;
  readonly #first: QueryEvent;
  #traits: StatementTraits;
  readonly #timing: RepeatTiming;
  #client: DatabaseClient | undefined;
  #durationsMs: number[] | undefined;
  #slowCount = 0;
  #slowTotalMs = 0;
  readonly #parameterSets: { hash: number; count: number; totalMs: number }[] = [];
  #parameterSetsDropped = 0;
  #parametersUnknownCount = 0;
  #rowCount = 0;
  #rowCountKnown = 0;
  #rowCountMax = 0;
  #durationMsOfMostRows = 0;
  #listSizeTotal = 0;
  #batchCount = 0;
  #transactionCount = 0;
  #lastTransaction = 0;

  constructor(query: QueryEvent, place: number, sameShape: GroupBuilder | undefined) {
    this.#first = query;
    this.#traits = query.traits;
    this.place = place;
    this.sameShape = sameShape;
    this.#timing = new RepeatTiming(query.spanId);
  }

  isOf(query: QueryEvent): boolean {
    return this.#first.namespace === query.namespace && this.#first.system === query.system;
  }

  get firstStartMs(): number {
    return this.#timing.firstStartMs;
  }

  add(query: QueryEvent, slowQueryMinMs: number, transaction: number): void {
    const { durationMs, rowCount, listSize } = query;
    this.#timing.add(query.spanId, query.startMs, durationMs, query.failed);
    // Not an empty list that grows: most shapes run once, and one place is enough for them.
    if (this.#durationsMs === undefined) this.#durationsMs = [durationMs];
    else if (this.#durationsMs.length < MAX_DURATIONS) this.#durationsMs.push(durationMs);
    if (durationMs >= slowQueryMinMs) {
      this.#slowCount++;
      this.#slowTotalMs += durationMs;
    }
    this.#client ??= query.client;
    // A first page with `OFFSET 0` looks like no page; the next one tells.
    if (query.traits.paginates) this.#traits = query.traits;
    if (transaction > this.#lastTransaction) {
      this.#lastTransaction = transaction;
      this.#transactionCount++;
    }
    this.#listSizeTotal += listSize;
    if (listSize > 1) this.#batchCount++;
    this.#addParameters(query.parametersHash, durationMs);
    if (rowCount === undefined) return;
    this.#rowCount += rowCount;
    this.#rowCountKnown++;
    if (rowCount < this.#rowCountMax) return;
    this.#durationMsOfMostRows =
      rowCount > this.#rowCountMax ? durationMs : Math.max(durationMs, this.#durationMsOfMostRows);
    this.#rowCountMax = rowCount;
  }

  #addParameters(hash: number | undefined, durationMs: number): void {
    if (hash === undefined) {
      this.#parametersUnknownCount++;
      return;
    }
    for (const set of this.#parameterSets) {
      if (set.hash !== hash) continue;
      set.count++;
      set.totalMs += durationMs;
      return;
    }
    if (this.#parameterSets.length < MAX_PARAMETER_SETS)
      this.#parameterSets.push({ hash, count: 1, totalMs: durationMs });
    else this.#parameterSetsDropped++;
  }

  build(): QueryGroup {
    const timing = this.#timing;
    const { system, namespace, fingerprint, text, summary, kind, takesList } = this.#first;
    return {
      system,
      namespace,
      fingerprint,
      text,
      summary,
      kind: kind === 'write' ? 'write' : 'read',
      takesList,
      traits: this.#traits,
      client: this.#client,
      callSite: undefined,
      count: timing.count,
      errorCount: timing.errorCount,
      totalMs: timing.totalMs,
      durationsMs: this.#durationsMs ?? [],
      durationMsMin: timing.durationMsMin,
      durationMsMax: timing.durationMsMax,
      slowCount: this.#slowCount,
      slowTotalMs: this.#slowTotalMs,
      firstStartMs: timing.firstStartMs,
      firstEndMs: timing.firstEndMs,
      lastEndMs: timing.lastEndMs,
      startsKnown: timing.startsKnown,
      unionMs: timing.unionMs,
      overlapCount: timing.overlapCount,
      parameterSets: this.#parameterSets satisfies readonly ParameterSet[],
      parameterSetsDropped: this.#parameterSetsDropped,
      parametersUnknownCount: this.#parametersUnknownCount,
      rowCount: this.#rowCount,
      rowCountKnown: this.#rowCountKnown,
      rowCountMax: this.#rowCountMax,
      durationMsOfMostRows: this.#durationMsOfMostRows,
      listSizeTotal: this.#listSizeTotal,
      batchCount: this.#batchCount,
      transactionCount: this.#transactionCount,
      precedingGroup: this.precedingGroup,
      spanIds: timing.spanIds,
      slowestSpanId: timing.slowestSpanId,
    };
  }
}
