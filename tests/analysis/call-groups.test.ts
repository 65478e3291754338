import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CallGroups,
  MAX_CALL_GROUPS,
  MAX_LONG_CALLS,
  MAX_TARGETS,
  type CallEvent,
} from '../../analysis/call-groups.ts';
import type { CallGroup } from '../../core/types.ts';
import { spanIdOf } from './query-event.ts';

const GAP_MS = 1000;

function callEvent(parts: Partial<CallEvent> & { readonly id?: number } = {}): CallEvent {
  const { id = 1, ...rest } = parts;
  return {
    type: 'http',
    spanId: spanIdOf(id),
    system: 'http',
    shape: 'GET u.internal/{id}',
    name: 'GET u.internal/{id}',
    method: 'GET',
    targetHash: id,
    paginates: false,
    client: undefined,
    startMs: 0,
    durationMs: 1,
    failed: false,
    ...rest,
  };
}

function grouped(calls: readonly CallEvent[], longCallMinMs = 500): CallGroups {
  const groups = new CallGroups(longCallMinMs, GAP_MS);
  for (const call of calls) groups.add(call);
  return groups;
}

function onlyGroup(calls: readonly CallEvent[]): CallGroup {
  const [group, ...more] = grouped(calls).toGroups();
  if (group === undefined || more.length > 0) throw new Error(`${more.length + 1} groups, expected one`);
  return group;
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

describe('a group of calls', () => {
  it('is one per system, shape and kind of key', () => {
    const groups = grouped([
      callEvent({ shape: 'a' }),
      callEvent({ shape: 'a', system: 'redis' }),
      callEvent({ shape: 'a', patternHash: 7 }),
      callEvent({ shape: 'a', patternHash: 8 }),
      callEvent({ shape: 'a', patternHash: 0 }),
      callEvent({ shape: 'b' }),
    ]).toGroups();
    expect(groups.map(({ system, shape, count }) => [system, shape, count])).toEqual([
      ['http', 'a', 2],
      ['redis', 'a', 1],
      ['http', 'a', 1],
      ['http', 'a', 1],
      ['http', 'b', 1],
    ]);
    expect(JSON.stringify(groups)).not.toMatch(/Hash/);
  });

  it('tells of its largest burst, as an independent computation finds it', () => {
    const step = fc.record({
      pauseMs: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1001, max: 5000 })),
      durationMs: fc.integer({ min: 0, max: 1500 }),
      failed: fc.boolean(),
      targetHash: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        let nowMs = 0;
        const bursts: CallEvent[][] = [];
        const calls = steps.map(({ pauseMs, ...rest }, index) => {
          const call = callEvent({ id: index + 1, ...rest, startMs: nowMs + pauseMs });
          if (index === 0 || pauseMs > GAP_MS) bursts.push([]);
          bursts.at(-1)?.push(call);
          nowMs = call.startMs + call.durationMs;
          return call;
        });
        const sum = (burst: readonly CallEvent[]): number =>
          burst.reduce((total, { durationMs }) => total + durationMs, 0);
        const [largest = []] = bursts.toSorted((a, b) => b.length - a.length || sum(b) - sum(a));
        const [first, last] = [largest[0], largest.at(-1)];
        expect(onlyGroup(calls)).toMatchObject({
          count: largest.length,
          totalMs: sum(largest),
          unionMs: sum(largest),
          overlapCount: 0,
          errorCount: largest.filter(({ failed }) => failed).length,
          firstStartMs: first?.startMs,
          lastEndMs: (last?.startMs ?? 0) + (last?.durationMs ?? 0),
          distinctTargets: new Set(largest.map(({ targetHash }) => targetHash)).size,
          startGapMsMax: Math.max(0, ...largest.slice(1).map((call, n) => call.startMs - (largest[n]?.startMs ?? 0))),
        });
      }),
    );
  });

  it.each([
    [1000, 2],
    [1001, 1],
  ])('is one burst over a pause of %i ms: %i calls', (pauseMs, count) => {
    expect(onlyGroup([callEvent(), callEvent({ startMs: 1 + pauseMs, id: 2 })]).count).toBe(count);
  });

  it('is one burst of calls at the same time, whichever ends first', () => {
    const calls = times(6, (n) => callEvent({ id: n, startMs: 60 - 10 * n, durationMs: 3000 + 20 * n }));
    expect(onlyGroup(calls)).toMatchObject({ count: 6, overlapCount: 5, firstStartMs: 10, startGapMsMax: 10 });
  });

  it('does not split a burst at a call of an earlier time that ends within it', () => {
    const burst = (from: number): CallEvent[] => times(3, (n) => callEvent({ id: n, startMs: from + 10 * n }));
    const late = callEvent({ id: 9, startMs: 5, durationMs: 9000 });
    const calls = [...burst(0), ...burst(9000).slice(0, 2), late, ...burst(9000).slice(2)];
    expect(onlyGroup(calls)).toMatchObject({ count: 4, firstStartMs: 0, lastEndMs: 9005 });
  });

  it(`counts ${MAX_TARGETS} targets one by one, and calls beyond them`, () => {
    const at = (n: number): CallEvent => callEvent({ id: n + 1, startMs: n });
    expect(onlyGroup(times(MAX_TARGETS, at))).toMatchObject({ distinctTargets: 64, targetsDropped: 0 });
    expect(onlyGroup(times(MAX_TARGETS + 3, at))).toMatchObject({ distinctTargets: 64, targetsDropped: 3, count: 67 });
  });

  it('counts targets that are not known as differing', () => {
    const calls = times(5, (n) => callEvent({ id: n, targetHash: 0, startMs: n }));
    expect(onlyGroup(calls)).toMatchObject({ distinctTargets: 0, targetsDropped: 5 });
  });

  it('says that it pages when one of its calls does', () => {
    expect(onlyGroup([callEvent(), callEvent({ paginates: true })]).paginates).toBe(true);
    expect(onlyGroup([callEvent(), callEvent()]).paginates).toBe(false);
  });

  it(`is kept for ${MAX_CALL_GROUPS} shapes; calls of further ones are counted`, () => {
    const groups = grouped(times(MAX_CALL_GROUPS + 3, (n) => callEvent({ shape: `shape ${n}` })));
    expect(groups.toGroups()).toHaveLength(MAX_CALL_GROUPS);
    expect(groups.notGrouped).toBe(3);
    groups.add(callEvent({ shape: 'shape 0' }));
    expect(groups.notGrouped).toBe(3);
  });
});

describe('the long calls', () => {
  it('are the HTTP calls from the threshold on, with their place among the groups', () => {
    const { longCalls } = grouped([
      callEvent({ id: 1, durationMs: 499 }),
      callEvent({ id: 2, shape: 'b', durationMs: 500, method: 'HEAD', startMs: 7 }),
      callEvent({ id: 3, type: 'kv', durationMs: 900 }),
    ]);
    expect(longCalls).toEqual([{ spanId: spanIdOf(2), group: 1, method: 'HEAD', startMs: 7, durationMs: 500 }]);
  });

  it(`are ${MAX_LONG_CALLS} at the most, without a group where there was no place`, () => {
    const calls = times(80, (n) => callEvent({ id: n + 1, shape: `shape ${Math.min(n, 70)}`, durationMs: 600 }));
    const { longCalls } = grouped(calls);
    expect(longCalls).toHaveLength(MAX_LONG_CALLS);
    expect(grouped(calls.toReversed()).longCalls[0]).toMatchObject({ group: 0 });
    const full = grouped(times(64, (n) => callEvent({ shape: `shape ${n}` })));
    full.add(callEvent({ shape: 'one more', durationMs: 600 }));
    expect(full.longCalls).toMatchObject([{ group: -1 }]);
  });
});
