import { DurationHistogram } from '../../core/duration-histogram.ts';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { durationsMs, requestNumber } from '../cases/monitor.ts';
import { bytesOf } from './memory.ts';

const SERIES = 500;

/** Bytes of one series of each kind, from many of them. */
export function seriesBytes(): Readonly<Record<string, number>> {
  return {
    'a histogram of 4096 durations around 20 ms': each(() => manyHistograms()),
    'an endpoint that was asked once': each(() => monitorAfter({ requests: SERIES, minutes: 1, withQueries: false })),
    'an endpoint that was busy for an hour': each(() => busyEndpoints()),
    'a query shape that ran once': shapeBytes(1),
    'a query shape that was busy for ten minutes': shapeBytes(600),
  };
}

function each(build: () => unknown): number {
  // The first one also brings compiled code into being.
  build();
  return bytesOf(build).bytes / SERIES;
}

function manyHistograms(): readonly DurationHistogram[] {
  return Array.from({ length: SERIES }, () => {
    const histogram = new DurationHistogram();
    for (const durationMs of durationsMs) histogram.record(durationMs);
    return histogram;
  });
}

/** One request a second for each endpoint. */
function busyEndpoints(): PerformanceMonitor {
  return monitorAfter({ requests: SERIES * 3600, minutes: 60, withQueries: false });
}

function shapeBytes(runs: number): number {
  // Two monitors that differ in their shapes alone.
  const requests = SERIES * runs;
  const minutes = Math.max(1, runs / 60);
  const withShapes = bytesOf(() => monitorAfter({ requests, minutes, withQueries: true })).bytes;
  const without = bytesOf(() => monitorAfter({ requests, minutes, withQueries: false })).bytes;
  return (withShapes - without) / (SERIES * 5);
}

function monitorAfter(options: { requests: number; minutes: number; withQueries: boolean }): PerformanceMonitor {
  const { requests, minutes, withQueries } = options;
  const clock = new FakeClock();
  const monitor = new PerformanceMonitor({ clock });
  for (let n = 0; n < requests; n++) {
    const request = requestNumber(n, SERIES, SERIES * 10);
    // Each endpoint has five shapes, and runs all of them every time.
    const groups = withQueries ? requestNumber(n % SERIES, SERIES, SERIES * 10).groups : [];
    monitor.add({ ...request, groups });
    clock.advance((minutes * 60_000) / requests);
  }
  return monitor;
}
