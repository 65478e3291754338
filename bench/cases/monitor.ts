import type { Endpoint, QueryFingerprint } from '../../core/types.ts';
import { DurationHistogram } from '../../core/duration-histogram.ts';
import type { MonitoredQueries, MonitoredRequest } from '../../monitor/monitored-request.ts';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { Case } from '../lib/measure.ts';

const VALUES = 4096;
/** They reach each of 500 routes twice, and all of 5000 shapes. */
const REQUESTS = 1000;

/** Durations in milliseconds as services have them: most near 20, some a hundred times that. */
export const durationsMs: Float64Array = Float64Array.from({ length: VALUES }, (_, n) => lognormal(n, 3, 1));

/** A request to one of `routes` endpoints with five queries; the queries' shapes go round all of `shapes`. */
export function requestNumber(n: number, routes: number, shapes: number): MonitoredRequest {
  const route = n % routes;
  const groups: MonitoredQueries[] = [];
  for (let k = 0; k < 5; k++) groups.push(queriesOf((route * 10 + ((n + k) % 10)) % shapes, n * 5 + k));
  return {
    endpoint: `GET /resource-${route}/:id` as Endpoint,
    failed: n % 100 === 0,
    aborted: false,
    connection: 'request',
    durationMs: durationsMs[n % VALUES] as number,
    queryCount: 5,
    queryTotalMs: 15,
    queriesObserved: true,
    queriesNotGrouped: 0,
    groups,
  };
}

/** What the monitor costs the process that it measures. */
export function monitorCases(): readonly Case[] {
  const histogram = new DurationHistogram();
  const monitor = new PerformanceMonitor({ clock: new FakeClock() });
  const hour = new PerformanceMonitor({ clock: stepping(0.5) });
  const requests = Array.from({ length: REQUESTS }, (_, n) => requestNumber(n, 500, 5000));
  return [
    {
      name: 'record one duration in a histogram',
      run: (call) => histogram.record(durationsMs[call % VALUES] as number),
    },
    { name: 'add a request with 5 queries', run: (call) => added(monitor, requests[call % REQUESTS]) },
    {
      name: '… while time goes on at 2000 a second, slices included',
      run: (call) => added(hour, requests[call % REQUESTS]),
    },
  ];
}

function added(monitor: PerformanceMonitor, request: MonitoredRequest | undefined): PerformanceMonitor {
  if (request !== undefined) monitor.add(request);
  return monitor;
}

/** A clock that goes on by `ms` at each look. */
function stepping(ms: number): { nowMs: () => number } {
  let now = 0;
  return { nowMs: () => (now += ms) };
}

/** Described once, as statements are that were seen before: records share the strings. */
const names = new Map<number, Pick<MonitoredQueries, 'fingerprint' | 'system' | 'text' | 'summary'>>();

function namesOf(shape: number) {
  const known = names.get(shape);
  if (known !== undefined) return known;
  const created = {
    fingerprint: shape.toString(16).padStart(16, '0') as QueryFingerprint,
    system: 'postgresql',
    text: `SELECT id, name, email, created_at FROM table_${shape} WHERE tenant_id = $1 AND id = $2`,
    summary: `SELECT table_${shape}`,
  };
  names.set(shape, created);
  return created;
}

function queriesOf(shape: number, n: number): MonitoredQueries {
  const durationMs = lognormal(n, 1, 0.7);
  return {
    ...namesOf(shape),
    count: 1,
    errorCount: 0,
    totalMs: durationMs,
    durationsMs: [durationMs],
    durationMsMin: durationMs,
    durationMsMax: durationMs,
    slowCount: 0,
    rowCount: 1,
    rowCountKnown: 1,
    rowCountMax: 1,
  };
}

/** The n-th of a fixed row of numbers that are spread like random ones. */
function lognormal(n: number, mean: number, spread: number): number {
  const u = ((n * 0.754877666) % 1) * 0.999 + 0.0005;
  const v = (n * 0.569840291) % 1;
  return Math.exp(mean + spread * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
}
