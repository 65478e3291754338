import { describe, expect, it } from 'vitest';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import type { StatisticsWindow } from '../../monitor/statistics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { requestRecord } from './request-record.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WINDOWS: readonly StatisticsWindow[] = ['1m', '5m', '1h', 'all'];

/** A monitor at a clock that starts at an odd moment: its slices are counted from its own start. */
function monitorAtZero() {
  const clock = new FakeClock(1234.5);
  const monitor = new PerformanceMonitor({ clock });
  const counts = () => WINDOWS.map((window) => monitor.getStatistics({ window }).count);
  const lengths = () => WINDOWS.map((window) => monitor.getStatistics({ window }).sinceMs);
  return { clock, monitor, counts, lengths };
}

describe('a request in the windows', () => {
  it('leaves each of them when the slice that it is in does', () => {
    const { clock, monitor, counts } = monitorAtZero();
    monitor.add(requestRecord());
    const seen: [number, number[]][] = [];
    const moments = [0, 10 * SECOND, MINUTE, 5 * MINUTE, HOUR, 3 * HOUR].flatMap((ms) => (ms > 0 ? [ms - 1, ms] : [0]));
    let last = 0;
    for (const moment of moments) {
      clock.advance(moment - last);
      last = moment;
      seen.push([moment, counts()]);
    }
    expect(seen).toEqual([
      [0, [1, 1, 1, 1]],
      [10 * SECOND - 1, [1, 1, 1, 1]],
      [10 * SECOND, [1, 1, 1, 1]],
      [MINUTE - 1, [1, 1, 1, 1]],
      [MINUTE, [0, 1, 1, 1]],
      [5 * MINUTE - 1, [0, 1, 1, 1]],
      [5 * MINUTE, [0, 0, 1, 1]],
      [HOUR - 1, [0, 0, 1, 1]],
      [HOUR, [0, 0, 0, 1]],
      [3 * HOUR - 1, [0, 0, 0, 1]],
      [3 * HOUR, [0, 0, 0, 1]],
    ]);
  });

  it('stays at least as long as the window less one slice', () => {
    const { clock, monitor, counts } = monitorAtZero();
    // The last millisecond of the slices of every width.
    clock.advance(5 * MINUTE - 1);
    monitor.add(requestRecord());
    clock.advance(50 * SECOND);
    expect(counts()).toEqual([1, 1, 1, 1]);
    clock.advance(1);
    expect(counts()).toEqual([0, 1, 1, 1]);
    clock.advance(4 * MINUTE - 50 * SECOND - 1);
    expect(counts()).toEqual([0, 1, 1, 1]);
    clock.advance(1);
    expect(counts()).toEqual([0, 0, 1, 1]);
    clock.advance(51 * MINUTE - 1);
    expect(counts()).toEqual([0, 0, 1, 1]);
    clock.advance(1);
    expect(counts()).toEqual([0, 0, 0, 1]);
  });

  it('is counted once, whatever was read in between', () => {
    const { clock, monitor, counts } = monitorAtZero();
    for (let second = 0; second < 7200; second++) {
      monitor.add(requestRecord());
      if (second % 7 === 0) counts();
      clock.advance(SECOND);
    }
    // At a full two hours every running slice is empty: the windows are one slice shorter than their names say.
    expect(counts()).toEqual([50, 240, 3300, 7200]);
  });

  it('leaves no endpoint behind in a window that it has left', () => {
    const { clock, monitor } = monitorAtZero();
    monitor.add(requestRecord({ endpoint: 'GET /old' }));
    clock.advance(2 * MINUTE);
    monitor.add(requestRecord({ endpoint: 'GET /new' }));
    const names = (window: StatisticsWindow) =>
      monitor.getStatistics({ window }).endpoints.map(({ endpoint }) => endpoint);
    expect(names('1m')).toEqual(['GET /new']);
    expect(names('5m')).toEqual(['GET /new', 'GET /old']);
  });
});

describe('the length of the windows', () => {
  it('is what has passed since the start until they are full, then what their slices cover', () => {
    const { clock, lengths } = monitorAtZero();
    expect(lengths()).toEqual([0, 0, 0, 0]);
    clock.advance(59_999);
    expect(lengths()).toEqual([59_999, 59_999, 59_999, 59_999]);
    clock.advance(1);
    expect(lengths()).toEqual([50_000, 60_000, 60_000, 60_000]);
    clock.advance(2 * HOUR - 1 - MINUTE);
    expect(lengths()).toEqual([59_999, 299_999, 3_599_999, 7_199_999]);
    clock.advance(1);
    expect(lengths()).toEqual([50_000, 240_000, 3_300_000, 7_200_000]);
  });

  it('is what rates are taken over', () => {
    const { clock, monitor } = monitorAtZero();
    expect(monitor.getStatistics().requestsPerSecond).toBeUndefined();
    for (let second = 0; second < 600; second++) {
      clock.advance(SECOND);
      for (let n = 0; n < 3; n++) monitor.add(requestRecord({ endpoint: `GET /${n}` }));
    }
    clock.advance(SECOND / 2);
    for (const window of WINDOWS) {
      const { requestsPerSecond = NaN, endpoints, count, sinceMs } = monitor.getStatistics({ window });
      expect(requestsPerSecond).toBe(count / (sinceMs / 1000));
      expect(requestsPerSecond).toBeGreaterThan(2.9);
      expect(requestsPerSecond).toBeLessThan(3.1);
      expect(endpoints.map((one) => one.requestsPerSecond)).toEqual([0, 1, 2].map(() => requestsPerSecond / 3));
    }
  });
});

describe('a clock that jumps', () => {
  it('ahead by an hour empties the windows and keeps what was counted in all', () => {
    const { clock, monitor, counts } = monitorAtZero();
    for (let n = 0; n < 100; n++) {
      monitor.add(requestRecord());
      clock.advance(3 * SECOND);
    }
    clock.advance(HOUR);
    expect(counts()).toEqual([0, 0, 0, 100]);
    monitor.add(requestRecord());
    expect(counts()).toEqual([1, 1, 1, 101]);
  });

  it('back by an hour goes on from where it was', () => {
    const { clock, monitor, counts, lengths } = monitorAtZero();
    clock.advance(30 * SECOND);
    monitor.add(requestRecord());
    clock.advance(-HOUR);
    monitor.add(requestRecord());
    expect(counts()).toEqual([2, 2, 2, 2]);
    expect(lengths()).toEqual([30_000, 30_000, 30_000, 30_000]);
    clock.advance(MINUTE);
    expect(counts()).toEqual([0, 2, 2, 2]);
    expect(lengths().at(-1)).toBe(90_000);
  });

  it('a million years ahead, or to what is no time, takes no longer', () => {
    let nowMs = 0;
    const monitor = new PerformanceMonitor({ clock: { nowMs: () => nowMs } });
    monitor.add(requestRecord());
    for (nowMs of [3e16, NaN, Infinity, -Infinity, 5]) monitor.add(requestRecord());
    expect(monitor.getStatistics()).toMatchObject({ count: 6, sinceMs: 3e16 });
    expect(monitor.getStatistics({ window: '1h' }).count).toBe(5);
  });
});
