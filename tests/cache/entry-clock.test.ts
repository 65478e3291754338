import { afterEach, describe, expect, it, vi } from 'vitest';
import { EntryClock } from '../../cache/entry-clock.ts';
import { CacheManager } from '../../cache/index.ts';
import { systemClock } from '../../core/clock.ts';
import { FakeClock } from '../../testing/fake-clock.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The process's clock, turned by hand. */
function turnable(): { nowMs: number } {
  const time = { nowMs: 100 };
  vi.spyOn(systemClock, 'nowMs').mockImplementation(() => time.nowMs);
  return time;
}

describe('the time of look-ups', () => {
  it('is read anew when a millisecond has passed', async () => {
    const time = turnable();
    const clock = new EntryClock(systemClock);
    expect(clock.recentMs()).toBe(0);
    time.nowMs += 50;
    expect(clock.recentMs()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.recentMs()).toBe(50);
  });

  it('is read anew after some look-ups, where code keeps the event loop busy', () => {
    const time = turnable();
    const cache = new CacheManager();
    cache.set('key', 1, { ttl: 1 });
    expect(cache.get('key')).toBe(1);
    time.nowMs += 60_000;
    let found = 0;
    while (found < 1000 && cache.get('key') !== undefined) found++;
    expect(found).toBeLessThan(100);
  });

  it('is never behind what has been told of the time otherwise', () => {
    const time = turnable();
    const cache = new CacheManager();
    cache.set('key', 1, { ttl: 1 });
    expect(cache.get('key')).toBe(1);
    time.nowMs += 1000;
    expect([cache.has('key'), cache.get('key')]).toEqual([false, undefined]);
  });

  it('goes by the timers of a test, and by those of the process after it', async () => {
    const cache = new CacheManager();
    vi.useFakeTimers();
    cache.set('key', 1, { ttl: 60 });
    expect(cache.get('key')).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(cache.get('key')).toBeUndefined();
    cache.set('key', 1, { ttl: 60 });
    expect(cache.get('key')).toBe(1);
    expect(vi.getTimerCount(), 'of the sweep').toBe(1);
    vi.useRealTimers();
    cache.set('key', 1, { ttl: 0.001 });
    await vi.waitFor(() => expect(cache.get('key')).toBeUndefined());
  });

  it('is in whole milliseconds since the clock was made; an injected clock is read every time', () => {
    const injected = new FakeClock(1000.5);
    const clock = new EntryClock(injected);
    expect([clock.nowMs(), clock.recentMs()]).toEqual([0, 0]);
    injected.advance(0.9);
    expect([clock.nowMs(), clock.recentMs()]).toEqual([0, 0]);
    injected.advance(0.1);
    expect([clock.recentMs(), clock.nowMs()]).toEqual([1, 1]);
    injected.advance(-1);
    expect(clock.recentMs()).toBe(0);
  });
});
