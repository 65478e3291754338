import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invalidatedSince, TagClock } from '../../cache/tag-clock.ts';

it('forgets a tag that nothing holds and nobody has invalidated', () => {
  const clock = new TagClock();
  const state = clock.hold('a');
  expect(clock.size).toBe(1);
  clock.release(state);
  expect(clock.size).toBe(0);
});

it('keeps the last invalidations of tags that nothing holds, up to its bound', () => {
  const clock = new TagClock(3);
  for (const tag of ['a', 'b', 'c', 'd', 'e']) clock.invalidate(tag);
  expect(clock.size).toBe(3);
  expect([clock.invalidatedAt('c'), clock.invalidatedAt('d'), clock.invalidatedAt('e')]).toEqual([3, 4, 5]);
});

it('takes a tag that it has forgotten as invalidated when the last of those was, never as untouched', () => {
  const clock = new TagClock(1);
  const started = clock.now;
  clock.invalidate('forgotten');
  clock.invalidate('kept');
  expect(clock.invalidatedAt('forgotten')).toBeGreaterThan(started);
  // A computation from before the forgotten invalidation is void by any new tag; one from after it is not.
  expect(invalidatedSince([clock.hold('new')], started)).toBe(1);
  expect(invalidatedSince([clock.hold('new')], clock.now)).toBe(0);
});

it('forgets all at once, and everything from before is void', () => {
  const clock = new TagClock();
  const held = clock.hold('a');
  const before = clock.now;
  clock.forgetAll();
  expect(clock.size).toBe(0);
  expect(clock.invalidatedAt('a')).toBeGreaterThan(before);
  clock.hold('a');
  // A hold from before belongs to no tag that is kept now.
  clock.release(held);
  expect(clock.size).toBe(1);
});

it('tells the pattern of a tag that came with one', () => {
  const clock = new TagClock();
  clock.hold('user:17', 'user:{userId}');
  expect([clock.invalidate('user:17'), clock.invalidate('user:18')]).toEqual(['user:{userId}', undefined]);
});

it('never takes an invalidated tag for an untouched one, and stays within its bound, whatever happens', () => {
  const step = fc.oneof(
    fc.record({ hold: fc.nat(5) }),
    fc.record({ release: fc.nat(20) }),
    fc.record({ invalidate: fc.nat(8) }),
    fc.record({ forgetAll: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const clock = new TagClock(3);
      const holds: ReturnType<TagClock['hold']>[] = [];
      const last = new Map<number, number>();
      for (const current of steps) {
        if ('hold' in current) holds.push(clock.hold(String(current.hold)));
        else if ('release' in current) {
          const state = holds.splice(current.release % Math.max(1, holds.length), 1)[0];
          if (state !== undefined) clock.release(state);
        } else if ('invalidate' in current) {
          clock.invalidate(String(current.invalidate));
          last.set(current.invalidate, clock.now);
        } else {
          clock.forgetAll();
          holds.length = 0;
        }
        for (const [tag, at] of last) expect(clock.invalidatedAt(String(tag))).toBeGreaterThanOrEqual(at);
        for (const state of holds) expect(state.invalidatedAt).toBeGreaterThanOrEqual(last.get(Number(state.tag)) ?? 0);
        expect(clock.size).toBeLessThanOrEqual(3 + holds.length);
      }
    }),
  );
});

it('learns the pattern of a tag that it knew by name alone', () => {
  const clock = new TagClock();
  clock.invalidate('user:17');
  clock.hold('user:17', 'user:{userId}');
  expect(clock.invalidate('user:17')).toBe('user:{userId}');
});

describe('a value that is asked about again and again', () => {
  /** A value with these tags whose computation starts now. */
  function valueWith(clock: TagClock, tags: readonly string[]) {
    return { tags: clock.holdAll(tags, undefined), epoch: clock.now, provenAt: clock.now };
  }

  it('is judged anew after every invalidation, and not before', () => {
    const clock = new TagClock();
    const value = valueWith(clock, ['a', 'b']);
    expect(clock.holds(value)).toBe(true);
    for (const other of ['x', 'y']) {
      clock.invalidate(other);
      expect(value.provenAt).toBeLessThan(clock.now);
      expect(clock.holds(value)).toBe(true);
      expect(value.provenAt).toBe(clock.now);
    }
    clock.invalidate('b');
    expect([clock.holds(value), clock.holds(value)]).toEqual([false, false]);
    clock.invalidate('x');
    expect(clock.holds(value)).toBe(false);
  });

  it('does not hold when a tag was invalidated while it was computed', () => {
    const clock = new TagClock();
    const value = valueWith(clock, ['a']);
    clock.invalidate('a');
    expect(clock.holds(value)).toBe(false);
  });
});
