import type { ParameterSet, QueryEvent, QueryFingerprint, QueryGroup, SpanId } from '../core/types.ts';

/** Shapes kept per request; queries of further shapes are counted in `notGrouped`. */
export const MAX_GROUPS = 64;
/** Distinct parameter sets kept per shape. */
export const MAX_PARAMETER_SETS = 16;
const FIRST_SPAN_IDS = 3;

/**
 * Groups the queries of one request while they end: O(1) per query, bounded, no span is kept.
 * The same code serves live spans and replays, so that a test and production agree.
 */
export class QueryGroups {
  readonly slowQueryMinMs: number;
  #groups: Map<string, GroupBuilder> | undefined;
  queryCount = 0;
  queryTotalMs = 0;
  notGrouped = 0;

  constructor(slowQueryMinMs: number) {
    this.slowQueryMinMs = slowQueryMinMs;
  }

  /** Counts one data statement. Control statements do not belong here. */
  add(query: QueryEvent): void {
    this.queryCount++;
    this.queryTotalMs += query.durationMs;
    this.#groups ??= new Map();
    // Shards, databases and their systems stand in the key: the same statement on two of them is no loop.
    const key = `${query.fingerprint}\n${query.system}\n${query.namespace}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) {
        this.notGrouped++;
        return;
      }
      group = new GroupBuilder(query);
      this.#groups.set(key, group);
    }
    group.add(query, this.slowQueryMinMs);
  }

  /** The groups as they stand, in the order of their first query. */
  toGroups(): readonly QueryGroup[] {
    return this.#groups === undefined ? [] : Array.from(this.#groups.values(), (group) => group.build());
  }
}

/** One shape while its queries come in. */
class GroupBuilder {
  readonly #system: string;
  readonly #namespace: string;
  readonly #fingerprint: QueryFingerprint;
  readonly #text: string;
  readonly #summary: string;
  readonly #kind: 'read' | 'write';
  readonly #takesList: boolean;
  #count = 0;
  #errorCount = 0;
  #totalMs = 0;
  #durationMsMin = Infinity;
  #durationMsMax = -Infinity;
  #slowCount = 0;
  #slowTotalMs = 0;
  #firstStartMs = Infinity;
  #lastEndMs = -Infinity;
  #overlapCount = 0;
  #parameterSets: { hash: number; count: number; totalMs: number }[] = [];
  #parameterSetsDropped = 0;
  #parametersUnknownCount = 0;
  #rowCount = 0;
  #rowCountKnown = 0;
  #firstSpanIds: SpanId[] = [];
  #lastSpanId: SpanId;
  #slowestSpanId: SpanId;

  constructor(query: QueryEvent) {
    this.#system = query.system;
    this.#namespace = query.namespace;
    this.#fingerprint = query.fingerprint;
    this.#text = query.text;
    this.#summary = query.summary;
    this.#kind = query.kind === 'write' ? 'write' : 'read';
    this.#takesList = query.takesList;
    this.#lastSpanId = query.spanId;
    this.#slowestSpanId = query.spanId;
  }

  add(query: QueryEvent, slowQueryMinMs: number): void {
    const { durationMs, startMs } = query;
    this.#count++;
    this.#totalMs += durationMs;
    if (query.failed) this.#errorCount++;
    if (durationMs >= slowQueryMinMs) {
      this.#slowCount++;
      this.#slowTotalMs += durationMs;
    }
    if (durationMs < this.#durationMsMin) this.#durationMsMin = durationMs;
    if (durationMs > this.#durationMsMax) {
      this.#durationMsMax = durationMs;
      this.#slowestSpanId = query.spanId;
    }
    // Queries arrive in the order of their ends, so one that starts before the latest end so far ran beside another.
    if (startMs < this.#lastEndMs) this.#overlapCount++;
    if (startMs < this.#firstStartMs) this.#firstStartMs = startMs;
    if (startMs + durationMs > this.#lastEndMs) this.#lastEndMs = startMs + durationMs;
    this.#addParameters(query.parametersHash, durationMs);
    if (query.rowCount !== undefined) {
      this.#rowCount += query.rowCount;
      this.#rowCountKnown++;
    }
    if (this.#firstSpanIds.length < FIRST_SPAN_IDS) this.#firstSpanIds.push(query.spanId);
    this.#lastSpanId = query.spanId;
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
    const last = this.#count > FIRST_SPAN_IDS ? [this.#lastSpanId] : [];
    return {
      system: this.#system,
      namespace: this.#namespace,
      fingerprint: this.#fingerprint,
      text: this.#text,
      summary: this.#summary,
      kind: this.#kind,
      takesList: this.#takesList,
      count: this.#count,
      errorCount: this.#errorCount,
      totalMs: this.#totalMs,
      durationMsMin: this.#durationMsMin,
      durationMsMax: this.#durationMsMax,
      slowCount: this.#slowCount,
      slowTotalMs: this.#slowTotalMs,
      firstStartMs: this.#firstStartMs,
      lastEndMs: this.#lastEndMs,
      overlapCount: this.#overlapCount,
      parameterSets: this.#parameterSets satisfies readonly ParameterSet[],
      parameterSetsDropped: this.#parameterSetsDropped,
      parametersUnknownCount: this.#parametersUnknownCount,
      rowCount: this.#rowCount,
      rowCountKnown: this.#rowCountKnown,
      spanIds: [...this.#firstSpanIds, ...last],
      slowestSpanId: this.#slowestSpanId,
    };
  }
}
