import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Baseline, baselineOf, compareWithBaseline } from '../../bench/overhead/lib/baseline.ts';
import { ROUTES } from '../../bench/overhead/lib/routes.ts';
import { appRun, everywhere } from './app-run.ts';

const runs = [1, 2, 3].flatMap((round) => [
  appRun('none', round, everywhere(100 * round)),
  appRun('otel-plain', round, everywhere(250 * round)),
  appRun('slowpath-auto', round, everywhere(200 * round)),
]);

describe('baselineOf', () => {
  it('holds the ratios of the variants that ran, by framework and route', () => {
    expect(baselineOf(runs, 'v24.0.0')).toEqual({
      schemaVersion: 1,
      node: 'v24.0.0',
      ratios: { express: { 'slowpath-auto/none': everywhere(2), 'slowpath-auto/otel-plain': everywhere(0.8) } },
    });
  });
});

describe('compareWithBaseline', () => {
  const measured = baselineOf(runs, 'v24.0.0');
  const expecting = (ratio: number): Baseline => ({
    ...measured,
    ratios: { express: { 'slowpath-auto/none': everywhere(ratio), 'slowpath-auto/otel-plain': everywhere(0.8) } },
  });
  const worse = (baseline: Baseline): readonly string[] =>
    compareWithBaseline(measured, baseline)
      .filter(({ isWorse }) => isWorse)
      .map(({ name }) => name);

  it('accepts what is worse by up to 30 %, and what is better', () => {
    expect(worse(measured)).toEqual([]);
    expect(worse(expecting(2 / 1.299))).toEqual([]);
    expect(worse(expecting(20))).toEqual([]);
  });

  it('names every ratio that is worse by more', () => {
    expect(worse(expecting(2 / 1.301))).toEqual(ROUTES.map(({ name }) => `express ${name} slowpath-auto/none`));
  });

  it('takes a ratio that could not be measured for worse', () => {
    const nothing = { ...measured, ratios: { express: { 'slowpath-auto/none': everywhere(Number.NaN) } } };
    expect(compareWithBaseline(nothing, measured).every(({ isWorse }) => isWorse)).toBe(true);
  });

  it('shows a ratio that the baseline lacks, and does not judge it', () => {
    const empty: Baseline = { schemaVersion: 1, node: 'v24.0.0', ratios: {} };
    expect(compareWithBaseline(measured, empty)[0]).toEqual({
      name: 'express healthz slowpath-auto/none',
      measured: 2,
      expected: undefined,
      isWorse: false,
    });
  });
});

describe('bench/baseline.json', () => {
  const baseline = JSON.parse(readFileSync('bench/baseline.json', 'utf8')) as Baseline;

  it('has a ratio above 0 for every route of both frameworks', () => {
    expect(Object.keys(baseline.ratios)).toEqual(['express', 'fastify']);
    for (const pairs of Object.values(baseline.ratios)) {
      expect(Object.keys(pairs)).toEqual(expect.arrayContaining(['slowpath-auto/none', 'slowpath-auto/otel-plain']));
      for (const ratios of Object.values(pairs)) {
        expect(Object.keys(ratios)).toEqual(ROUTES.map(({ name }) => name));
        expect(Object.values(ratios).filter((ratio) => !(ratio > 0))).toEqual([]);
      }
    }
  });
});
