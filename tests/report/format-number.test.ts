import { describe, expect, it } from 'vitest';
import {
  formatAverage,
  formatCount,
  formatCountOf,
  formatDuration,
  formatEstimate,
  formatMsNumber,
  formatShare,
} from '../../report/format-number.ts';

describe('numbers in reports', () => {
  it.each([
    [undefined, '-'],
    [0, '0 ms'],
    [0.001, '<0.1 ms'],
    [0.05, '0.1 ms'],
    [9.96, '10.0 ms'],
    [12.34, '12.3 ms'],
    [99.94, '99.9 ms'],
    [99.96, '100 ms'],
    [999.4, '999 ms'],
    [999.5, '1.00 s'],
    [1240, '1.24 s'],
    [9996, '10.0 s'],
    [59_940, '59.9 s'],
    [599_000, '599 s'],
    [599_600, '10.0 min'],
    [3_600_000, '60.0 min'],
    [36_000_000, '10.0 h'],
    [864_000_000, '240 h'],
  ])('writes %s ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('writes milliseconds without a unit for columns', () => {
    expect([undefined, 0, 3, 98.24, 1240.4].map(formatMsNumber)).toEqual(['-', '0.0', '3.0', '98.2', '1240']);
  });

  it.each([
    [0, 0, '0 ms'],
    [0, 0.03, '<0.1 ms'],
    [0, 51.2, 'up to 51 ms'],
    [0.04, 51.2, 'up to 51 ms'],
    [43.4, 50.6, '≈ 43–51 ms'],
    [43.4, 43.49, '≈ 43 ms'],
    [9.94, 9.96, '≈ 9.9–10 ms'],
    [900, 1200, '≈ 0.9–1.2 s'],
    [998, 999.4, '≈ 998–999 ms'],
    [998, 999.5, '≈ 1.0 s'],
    [12_000, 17_000, '≈ 12–17 s'],
    [300_000, 600_000, '≈ 5.0–10 min'],
    [36e5, 36e6, '≈ 1.0–10 h'],
  ])('writes an estimate of %s to %s ms as %s', (lowMs, highMs, text) => {
    expect(formatEstimate(lowMs, highMs)).toBe(text);
  });

  it('groups digits by three', () => {
    expect([0, 999, 1000, 12_345, 1_234_567, 2 ** 53].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '12,345',
      '1,234,567',
      '9007199254740992',
    ]);
  });

  it('says one request, two requests', () => {
    expect([formatCountOf(1, 'request'), formatCountOf(0, 'request'), formatCountOf(2000, 'query', 'queries')]).toEqual(
      ['1 request', '0 requests', '2,000 queries'],
    );
  });

  it('writes averages and shares', () => {
    expect([undefined, 21, 20.25, 1500].map(formatAverage)).toEqual(['-', '21', '20.3', '1,500']);
    expect([0, 0.0004, 0.011, 0.0994, 0.0996, 0.255, 1].map(formatShare)).toEqual([
      '0 %',
      '<0.1 %',
      '1.1 %',
      '9.9 %',
      '10 %',
      '26 %',
      '100 %',
    ]);
  });
});
