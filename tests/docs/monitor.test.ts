import { expect, it } from 'vitest';
import { MAX_OPEN_TRACKINGS } from '../../monitor/hand-tracking.ts';
import { MAX_ENDPOINTS, MAX_QUERIES } from '../../monitor/monitor-options.ts';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import { read } from './markdown.ts';

const page = read('docs/monitor.md');

/** A monitor with one request and one query, so that no field is missing. */
function filled(): PerformanceMonitor {
  const monitor = new PerformanceMonitor();
  monitor.startTracking('1', '/orders', 'GET');
  monitor.recordQuery('1', 5, { text: 'SELECT * FROM orders', system: 'postgresql' });
  monitor.endTracking('1', 200);
  return monitor;
}

it.each([
  ['getStatistics', filled().getStatistics()],
  ['getQueryStatistics', filled().getQueryStatistics()],
  ['an entry of its queries', filled().getQueryStatistics().queries[0]],
])('docs/monitor.md names every field of %s', (_name, statistics) => {
  const names = Object.keys(statistics ?? {});
  expect(names.length).toBeGreaterThan(5);
  // `durationMsAvg`, `…Min`, `…P95`: of a family, the first one is written out. Of an entry, "the durations as above".
  const isNamed = (name: string): boolean =>
    page.includes(`\`${name}\``) || page.includes(`\`…${name.replace(/^(?:durationMs|queriesPerRequest)/, '')}\``);
  expect(names.filter((name) => !isNamed(name))).toEqual([]);
});

it('docs/monitor.md states the bounds', () => {
  expect(page).toContain(`| endpoints | ${MAX_ENDPOINTS} (\`maxEndpoints\`)`);
  expect(page).toContain(`| query shapes | ${MAX_QUERIES} (\`maxQueries\`)`);
  expect(page).toContain(`| open requests tracked by hand | ${MAX_OPEN_TRACKINGS}, one hour each`);
});
