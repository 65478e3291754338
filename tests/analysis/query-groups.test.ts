import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_GROUPS, MAX_PARAMETER_SETS, QueryGroups } from '../../analysis/query-groups.ts';
import { recordLimits } from '../../analysis/record-limits.ts';
import type { QueryEvent, QueryGroup } from '../../core/types.ts';
import { NO_TRAITS } from '../../sql/index.ts';
import { queryEvent, spanIdOf, type TimedQuery } from './query-event.ts';

const SLOW_MIN_MS = 200;

function grouped(queries: readonly QueryEvent[]): QueryGroups {
  const groups = new QueryGroups({ ...recordLimits({}), slowQueryMinMs: SLOW_MIN_MS });
  for (const query of queries) groups.add(query);
  return groups;
}

function onlyGroup(queries: readonly QueryEvent[]): QueryGroup {
  const [group, ...more] = grouped(queries).toGroups();
  if (group === undefined || more.length > 0) throw new Error(`${more.length + 1} groups, expected one`);
  return group;
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const endOf = ({ startMs, durationMs }: TimedQuery): number => startMs + durationMs;

/** Time in which one of them ran, quarter by quarter: the durations are in quarters of a millisecond. */
function busyMs(queries: readonly TimedQuery[]): number {
  const quarters = new Set<number>();
  for (const query of queries) for (let at = query.startMs; at < endOf(query); at += 0.25) quarters.add(at);
  return quarters.size / 4;
}

/** Runs of queries that overlap: each query joins those of the runs that it shares time with. */
function runCount(queries: readonly TimedQuery[]): number {
  let runs: TimedQuery[][] = [];
  for (const query of queries) {
    const shares = (other: TimedQuery) => query.startMs < endOf(other) && other.startMs < endOf(query);
    const joined = runs.filter((run) => run.some(shares));
    runs = [...runs.filter((run) => !joined.includes(run)), [query, ...joined.flat()]];
  }
  return runs.length;
}

/** Those with the most rows, of those whose driver said. */
function mostRows(queries: readonly TimedQuery[]): readonly TimedQuery[] {
  const known = queries.filter(({ rowCount }) => rowCount !== undefined);
  const most = Math.max(...known.map(({ rowCount }) => rowCount ?? 0));
  return known.filter(({ rowCount }) => rowCount === most);
}

describe('a group of queries', () => {
  it('is empty before the first query', () => {
    expect(grouped([]).toGroups()).toEqual([]);
    expect(grouped([])).toMatchObject({ queryCount: 0, queryTotalMs: 0, notGrouped: 0 });
  });

  it('has the sums, extremes and counts of an independent computation', () => {
    const event = fc.record({
      shape: fc.constantFrom('a', 'b', 'c'),
      namespace: fc.constantFrom('', 'shard1', 'shard2'),
      // Quarters of a millisecond: their sums are exact, so that the comparison is too.
      startMs: fc.integer({ min: 0, max: 4000 }).map((n) => n / 4),
      durationMs: fc.integer({ min: 0, max: 1600 }).map((n) => n / 4),
      failed: fc.boolean(),
      parametersHash: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      rowCount: fc.option(fc.nat(50), { nil: undefined }),
      listSize: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (parts) => {
        const queries = parts.map((part, index) => queryEvent({ ...part, id: index + 1 }));
        const groups = grouped(queries);
        const expected = Map.groupBy(queries, ({ fingerprint, namespace }) => `${fingerprint} ${namespace}`);
        expect(groups.toGroups().length).toBe(expected.size);
        for (const group of groups.toGroups()) {
          const own = expected.get(`${group.fingerprint} ${group.namespace}`) ?? [];
          const sum = (of: (query: TimedQuery) => number) => own.reduce((total, query) => total + of(query), 0);
          const slow = own.filter(({ durationMs }) => durationMs >= SLOW_MIN_MS);
          const durations = own.map(({ durationMs }) => durationMs);
          const ids = own.map(({ spanId }) => spanId);
          const slowest = own.find(({ durationMs }) => durationMs === Math.max(...durations));
          const sets = Map.groupBy(
            own.filter(({ parametersHash }) => parametersHash !== undefined),
            ({ parametersHash }) => parametersHash,
          );
          expect(group).toEqual({
            system: 'postgresql',
            namespace: own[0]?.namespace,
            fingerprint: own[0]?.fingerprint,
            text: own[0]?.text,
            summary: own[0]?.summary,
            kind: 'read',
            takesList: false,
            traits: own[0]?.traits,
            client: undefined,
            callSite: undefined,
            count: own.length,
            errorCount: own.filter(({ failed }) => failed).length,
            totalMs: sum(({ durationMs }) => durationMs),
            durationsMs: durations,
            durationMsMin: Math.min(...durations),
            durationMsMax: Math.max(...durations),
            slowCount: slow.length,
            slowTotalMs: slow.reduce((total, { durationMs }) => total + durationMs, 0),
            firstStartMs: Math.min(...own.map(({ startMs }) => startMs)),
            lastEndMs: Math.max(...own.map(({ startMs, durationMs }) => startMs + durationMs)),
            startsKnown: true,
            firstEndMs: Math.min(...own.map(({ startMs, durationMs }) => startMs + durationMs)),
            unionMs: busyMs(own),
            overlapCount: own.length - runCount(own),
            parameterSets: Array.from(sets, ([hash, members]) => ({
              hash,
              count: members.length,
              totalMs: members.reduce((total, { durationMs }) => total + durationMs, 0),
            })),
            parameterSetsDropped: 0,
            parametersUnknownCount: own.filter(({ parametersHash }) => parametersHash === undefined).length,
            rowCount: sum(({ rowCount }) => rowCount ?? 0),
            rowCountKnown: own.filter(({ rowCount }) => rowCount !== undefined).length,
            rowCountMax: Math.max(0, ...own.map(({ rowCount }) => rowCount ?? 0)),
            durationMsOfMostRows: Math.max(0, ...mostRows(own).map(({ durationMs }) => durationMs)),
            transactionCount: 0,
            listSizeTotal: sum(({ listSize }) => listSize),
            batchCount: own.filter(({ listSize }) => listSize >= 2).length,
            precedingGroup: expect.any(Number),
            spanIds: own.length <= 4 ? ids : [...ids.slice(0, 3), ids.at(-1)],
            slowestSpanId: slowest?.spanId,
          });
        }
        expect(groups.queryCount).toBe(queries.length);
        expect(groups.queryUnionMs).toBe(busyMs(queries));
        expect(groups.queryTotalMs).toBe(queries.reduce((total, { durationMs }) => total + durationMs, 0));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each([
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [4, [1, 2, 3, 4]],
    [5, [1, 2, 3, 5]],
    [5000, [1, 2, 3, 5000]],
  ])('of %i queries names the spans %j', (count, expected) => {
    const { spanIds } = onlyGroup(times(count, (n) => queryEvent({ id: n + 1 })));
    expect(spanIds).toEqual(expected.map(spanIdOf));
  });

  it('does not mix databases of one statement, nor lose one whose name is another one’s prefix', () => {
    const groups = grouped(['a', 'ab', '', 'a'].map((namespace) => queryEvent({ namespace }))).toGroups();
    expect(groups.map(({ namespace, count }) => [namespace, count])).toEqual([
      ['a', 2],
      ['ab', 1],
      ['', 1],
    ]);
  });

  it('does not mix two database systems that are asked the same', () => {
    const groups = grouped(['postgresql', 'mysql'].map((system) => queryEvent({ system }))).toGroups();
    expect(groups.map(({ system, count }) => [system, count])).toEqual([
      ['postgresql', 1],
      ['mysql', 1],
    ]);
  });

  it('counts 10 000 queries exactly', () => {
    const queries = times(10_000, (n) =>
      queryEvent({ id: n + 1, shape: n % 2 === 0 ? 'even' : 'odd', startMs: n, durationMs: 1, parametersHash: n + 1 }),
    );
    const groups = grouped(queries);
    expect(groups).toMatchObject({ queryCount: 10_000, queryTotalMs: 10_000, notGrouped: 0 });
    expect(groups.toGroups()).toMatchObject([
      { count: 5000, totalMs: 5000, overlapCount: 0, firstStartMs: 0, lastEndMs: 9999, parameterSetsDropped: 4984 },
      { count: 5000, totalMs: 5000, overlapCount: 0, firstStartMs: 1, lastEndMs: 10_000, parameterSetsDropped: 4984 },
    ]);
  });
});

describe('the group before a group', () => {
  const placeBefore = (queries: readonly QueryEvent[], shape: string): string => {
    const groups = grouped(queries).toGroups();
    const place = groups.find(({ summary }) => summary === `SELECT ${shape}`)?.precedingGroup ?? -1;
    return groups[place]?.summary ?? 'none';
  };
  const teams = queryEvent({ shape: 'teams', startMs: 0, durationMs: 3 });

  it('is that of the read that ended last before its first query started', () => {
    const roles = queryEvent({ shape: 'roles', startMs: 3, durationMs: 7 });
    const beside = queryEvent({ shape: 'beside', startMs: 3, durationMs: 8 });
    expect(placeBefore([teams, roles, beside, queryEvent({ startMs: 10 })], 'users')).toBe('SELECT roles');
  });

  it('is none when a write ended last', () => {
    const write = queryEvent({ shape: 'log', kind: 'write', startMs: 3 });
    expect(placeBefore([teams, write, queryEvent({ startMs: 10 })], 'users')).toBe('none');
  });

  it('is found again when a query comes late that started earlier', () => {
    const roles = queryEvent({ shape: 'roles', startMs: 3, durationMs: 7 });
    const late = queryEvent({ startMs: 4, durationMs: 60 });
    expect(placeBefore([teams, roles, queryEvent({ startMs: 20 }), late], 'users')).toBe('SELECT teams');
  });

  it('stays known when so many queries have ended meanwhile that it is forgotten', () => {
    const loop = times(40, (n) => queryEvent({ startMs: 5 + n / 100, durationMs: 10 + n }));
    const late = queryEvent({ startMs: 4, durationMs: 90 });
    expect(placeBefore([teams, ...loop, late], 'users')).toBe('SELECT teams');
  });
});

describe('the bound on groups', () => {
  it('keeps 64 shapes', () => {
    expect(MAX_GROUPS).toBe(64);
    const groups = grouped(times(64, (n) => queryEvent({ shape: `t${n}` })));
    expect(groups.toGroups()).toHaveLength(64);
    expect(groups.notGrouped).toBe(0);
  });

  it('counts the queries of the 65th shape in the request and as not grouped, and goes on counting the first 64', () => {
    const shapes = times(64, (n) => queryEvent({ shape: `t${n}` }));
    const late = queryEvent({ shape: 'the 65th', durationMs: 7 });
    const groups = grouped([...shapes, late, late, late, queryEvent({ shape: 't0' })]);
    expect(groups).toMatchObject({ queryCount: 68, queryTotalMs: 64 + 21 + 1, notGrouped: 3 });
    expect(groups.toGroups()).toHaveLength(64);
    expect(groups.toGroups()[0]?.count).toBe(2);
  });

  it('loses no query, whatever comes: groups and not grouped add up to the count', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90), { maxLength: 400 }), (shapes) => {
        const groups = grouped(shapes.map((shape) => queryEvent({ shape: `t${shape}` })));
        const inGroups = groups.toGroups().reduce((sum, { count }) => sum + count, 0);
        expect(inGroups + groups.notGrouped).toBe(shapes.length);
        expect(groups.queryCount).toBe(shapes.length);
        expect(groups.toGroups().length).toBe(Math.min(64, new Set(shapes).size));
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('the bound on durations', () => {
  it('keeps the first 100 of a shape', () => {
    const durations = times(130, (n) => (n + 1) / 4);
    const group = onlyGroup(durations.map((durationMs) => queryEvent({ durationMs })));
    expect(group.durationsMs).toEqual(durations.slice(0, 100));
    expect(group).toMatchObject({ count: 130, durationMsMin: 0.25, durationMsMax: 32.5 });
  });
});

describe('the bound on parameter sets', () => {
  const loop = (count: number) => times(count, (n) => queryEvent({ id: n + 1, parametersHash: n + 1 }));

  it('keeps 16 sets', () => {
    expect(MAX_PARAMETER_SETS).toBe(16);
    expect(onlyGroup(loop(16))).toMatchObject({ parameterSetsDropped: 0 });
    expect(onlyGroup(loop(16)).parameterSets).toHaveLength(16);
  });

  it('counts the queries of further sets, and goes on counting the first 16', () => {
    const group = onlyGroup([
      ...loop(18),
      queryEvent({ parametersHash: 3, durationMs: 5 }),
      queryEvent({ parametersHash: 17 }),
      queryEvent({ parametersHash: undefined }),
    ]);
    expect(group.parameterSets).toHaveLength(16);
    expect(group.parameterSets[2]).toEqual({ hash: 3, count: 2, totalMs: 6 });
    expect(group).toMatchObject({ count: 21, parameterSetsDropped: 3, parametersUnknownCount: 1 });
    const inSets = group.parameterSets.reduce((sum, { count }) => sum + count, 0);
    expect(inSets + group.parameterSetsDropped + group.parametersUnknownCount).toBe(group.count);
  });
});

describe('traits of a group', () => {
  it('know a page by any of its queries: the first one starts at 0', () => {
    const page = { ...NO_TRAITS, limited: true, ordered: true };
    const pages = [page, { ...page, paginates: true }, page].map((traits, id) => queryEvent({ traits, id }));
    expect(onlyGroup(pages).traits.paginates).toBe(true);
    expect(onlyGroup([queryEvent({ traits: page })]).traits.paginates).toBe(false);
  });
});
