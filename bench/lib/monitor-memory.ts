import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { requestNumber } from '../cases/monitor.ts';
import { bytesInUse, bytesOf } from './memory.ts';

export const REQUESTS_PER_SECOND = 2000;
const ROUTES = 500;
const SHAPES = 5000;
const STEP_SECONDS = 300;

/** The monitor after so many requests, each to a route of its own, with a shape of its own. */
export function manyRoutes(count: number): { readonly bytes: number; readonly requestsInOther: number } {
  const { bytes, built } = bytesOf(() => {
    const monitor = new PerformanceMonitor({ clock: new FakeClock() });
    for (let n = 0; n < count; n++) monitor.add({ ...requestNumber(n, count, 1), groups: [] });
    return monitor;
  });
  return { bytes, requestsInOther: built.getStatistics().requestsInOther };
}

export interface Moment {
  readonly simulatedMinutes: number;
  readonly monitorBytes: number;
  readonly rssBytes: number;
}

export interface HourOfTraffic {
  readonly moments: readonly Moment[];
  /** Milliseconds for each kind of reading of the full monitor, the best of five. */
  readonly readMs: Readonly<Record<string, number>>;
  readonly rotation: Rotation;
}

/** What the end of a 5-minute slice costs, at which slices of all widths end: medians over several of them. */
export interface Rotation {
  /** 500 adds that reach all routes and half of the shapes, right after it and right after those. Milliseconds. */
  readonly firstMs: number;
  readonly nextMs: number;
  /** The longest of the first ones: nothing ever waits longer. */
  readonly longestAddMs: number;
}

/** Simulated traffic at 2000 requests a second over 500 routes and 5000 query shapes, 5 queries each. */
export function traffic(minutes: number): HourOfTraffic {
  const requests = Array.from({ length: 10_000 }, (_, n) => requestNumber(n, ROUTES, SHAPES));
  const add = (monitor: PerformanceMonitor, n: number): void =>
    monitor.add(requests[(n * 7) % requests.length] as (typeof requests)[number]);
  const clock = new FakeClock();
  // What the requests themselves cost when they are first looked at is not the monitor's.
  const other = new PerformanceMonitor({ clock });
  for (let n = 0; n < requests.length; n++) add(other, n);
  other.reset();
  const before = bytesInUse();
  const monitor = new PerformanceMonitor({ clock });
  const moments: Moment[] = [];
  const stepRequests = STEP_SECONDS * REQUESTS_PER_SECOND;
  for (let n = 1; n <= (minutes * 60 * stepRequests) / STEP_SECONDS; n++) {
    add(monitor, n);
    clock.advance(1000 / REQUESTS_PER_SECOND);
    if (n % stepRequests === 0) {
      const simulatedMinutes = n / REQUESTS_PER_SECOND / 60;
      moments.push({ simulatedMinutes, monitorBytes: bytesInUse() - before, rssBytes: process.memoryUsage.rss() });
    }
  }
  return { moments, readMs: readings(monitor), rotation: rotationOf(monitor, clock, add) };
}

function rotationOf(
  monitor: PerformanceMonitor,
  clock: FakeClock,
  add: (monitor: PerformanceMonitor, n: number) => void,
): Rotation {
  const firsts: number[] = [];
  const nexts: number[] = [];
  const longests: number[] = [];
  const fiveHundred = (): { ms: number; longestMs: number } => {
    let longestMs = 0;
    const start = performance.now();
    for (let n = 0; n < ROUTES; n++) {
      const one = performance.now();
      add(monitor, n);
      longestMs = Math.max(longestMs, performance.now() - one);
    }
    return { ms: performance.now() - start, longestMs };
  };
  for (let round = 0; round < 9; round++) {
    // Five minutes of traffic, up to the end of the slice.
    for (let n = 0; n < 50_000; n++) {
      add(monitor, n);
      clock.advance(5.99);
    }
    clock.advance(500);
    const first = fiveHundred();
    firsts.push(first.ms);
    longests.push(first.longestMs);
    nexts.push(fiveHundred().ms);
  }
  return { firstMs: median(firsts), nextMs: median(nexts), longestAddMs: median(longests) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function readings(monitor: PerformanceMonitor): Record<string, number> {
  const timed = (read: () => unknown): number => {
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      read();
      return performance.now() - start;
    });
    return Math.min(...times);
  };
  return {
    "getStatistics({ window: '1m' })": timed(() => monitor.getStatistics({ window: '1m' })),
    "getStatistics({ window: '1h' })": timed(() => monitor.getStatistics({ window: '1h' })),
    'getStatistics()': timed(() => monitor.getStatistics()),
    "getQueryStatistics({ window: '5m' })": timed(() => monitor.getQueryStatistics({ window: '5m' })),
    'getQueryStatistics()': timed(() => monitor.getQueryStatistics()),
  };
}
