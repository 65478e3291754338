import { expect, it } from 'vitest';
import * as semconv from '../../core/semconv.ts';
import { MAX_SERIES } from '../../monitor/metric-store.ts';
import { read, tableRowsOf } from './markdown.ts';

const page = read('docs/metrics.md');

it('docs/metrics.md has a row for every metric, and for no other', () => {
  const names = Object.entries(semconv).flatMap(([constant, name]) => (constant.startsWith('METRIC_') ? [name] : []));
  const [, ...rows] = tableRowsOf(page);
  expect(names.length).toBeGreaterThan(4);
  expect(rows.map(([name]) => name).toSorted()).toEqual(names.toSorted());
});

it('docs/metrics.md states the bound on series', () => {
  expect(page).toContain(`A metric has ${MAX_SERIES} series at most`);
});
