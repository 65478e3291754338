import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requestDetectors } from '../../analysis/detectors/index.ts';
import { requestFromTrace } from '../../testing/index.ts';

const detectorFiles = readdirSync('analysis/detectors').filter((file) => file !== 'index.ts');

describe('the list of detectors', () => {
  it('names every file in analysis/detectors, and nothing else', () => {
    expect(detectorFiles.length).toBeGreaterThan(0);
    expect(requestDetectors.map(({ kind }) => `${kind}.ts`).toSorted()).toEqual(detectorFiles.toSorted());
  });

  it('has each kind once', () => {
    const kinds = requestDetectors.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

describe.each(requestDetectors)('$kind', (detector) => {
  it('has a test of its own', () => {
    const path = `tests/analysis/${detector.kind}.test.ts`;
    expect(existsSync(path), `write ${path}`).toBe(true);
  });

  it('has a page in the docs', () => {
    const path = `docs/findings/${detector.kind}.md`;
    expect(existsSync(path), `write ${path}`).toBe(true);
  });

  it('describes itself in one line', () => {
    expect(detector.description).toMatch(/^[A-Z].*\.$/);
  });

  it('has numbers from 0 for thresholds', () => {
    expect(Object.keys(detector.defaults).length).toBeGreaterThan(0);
    for (const value of Object.values(detector.defaults)) expect(value).toBeGreaterThanOrEqual(0);
  });

  it('is silent on a request without queries', () => {
    expect(detector.detect(requestFromTrace`GET / 5ms`, detector.defaults)).toEqual([]);
  });

  it('is silent on a job and on a message without queries', () => {
    expect(detector.detect(requestFromTrace`job nightly 5ms`, detector.defaults)).toEqual([]);
    expect(detector.detect(requestFromTrace`consume orders 5ms`, detector.defaults)).toEqual([]);
  });

  it('finds the same in the same request again', () => {
    const request = requestFromTrace`
      GET /orders                                              5000ms
        pg: SELECT * FROM users WHERE id = $1 with (#)           90ms x12
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   90ms x4
        pg: SELECT count(*) FROM events                         900ms`;
    const first = detector.detect(request, detector.defaults);
    expect(first.length).toBeGreaterThan(0);
    expect(detector.detect(request, detector.defaults)).toEqual(first);
    for (const { kind, endpoint } of first)
      expect({ kind, endpoint }).toEqual({ kind: detector.kind, endpoint: 'GET /orders' });
  });
});
