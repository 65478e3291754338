import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requestDetectors } from '../../analysis/detectors/index.ts';
import { recordLimits } from '../../analysis/record-limits.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';
import { codeBlocksOf, read } from '../docs/markdown.ts';

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

  it('finds the same in the same request again: in the one that its page draws', () => {
    const picture = codeBlocksOf(read(`docs/findings/${detector.kind}.md`)).find(
      ({ info }) => info === `trace ${detector.kind}`,
    );
    const request = drawnRequest(picture?.text ?? '');
    const first = detector.detect(request, detector.defaults);
    expect(first.length).toBeGreaterThan(0);
    expect(detector.detect(request, detector.defaults)).toEqual(first);
    for (const finding of first) {
      expect(finding).toMatchObject({ kind: detector.kind, endpoint: request.endpoint });
      expect(finding.confidence).toBeGreaterThan(0);
      expect(finding.confidence).toBeLessThanOrEqual(1);
      const [low, high] = finding.savedMs;
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeGreaterThanOrEqual(low);
      if (finding.confidence < 0.5) expect(finding.severity).toBe('info');
    }
  });
});

describe('the durations that decide what a request keeps', () => {
  const defaultsOf = (kind: string) => requestDetectors.find((detector) => detector.kind === kind)?.defaults ?? {};

  it('are the defaults of the detectors that read it', () => {
    expect(recordLimits({})).toEqual({
      slowQueryMinMs: defaultsOf('slow-query')['minMs'],
      longQueryMinMs: defaultsOf('consecutive-queries')['minQueryMs'],
      longCallMinMs: defaultsOf('consecutive-http')['minCallMs'],
      callGapMaxMs: defaultsOf('n-plus-one-http')['maxStartGapMs'],
    });
  });

  it('are those that the user sets', () => {
    const limits = recordLimits({ 'slow-query': { minMs: 5 }, 'consecutive-queries': { minQueryMs: 6 } });
    expect(limits).toMatchObject({ slowQueryMinMs: 5, longQueryMinMs: 6 });
  });
});

describe('no finding of whatever kind', () => {
  it('holds a value that was planted in texts, bind values, keys and URLs', () => {
    const canary = 'Xc4n4ryX';
    const shapes = Array.from({ length: 60 }, (_, n) => `  pg: SELECT a${n} FROM t WHERE b = '${canary}' 1ms`).join(
      '\n',
    );
    const { findings } = drawnRequest(`GET /orders 9000ms
${shapes}
  pg: SELECT id, user_id FROM orders WHERE note = '${canary}' LIMIT 8675309  4ms rows 12
  pg: SELECT * FROM users WHERE id = $1 with (${canary}#)                     90ms x12
  pg: SELECT * FROM teams WHERE id = '${canary}#'                             9ms x12 at once
  pg: INSERT INTO log (a) VALUES ('${canary}#')                               9ms x12
  pg: SELECT * FROM settings WHERE user_id = $1 with (${canary})              9ms x4
  pg: SELECT sum(a) FROM events WHERE kind = '${canary}'                      400ms
  pg: SELECT sum(a) FROM visits WHERE kind = '${canary}'                      400ms
  pg: SELECT * FROM logs WHERE kind = '${canary}'                             9ms rows 5000
  pg: BEGIN                                                                    1ms
  pg: UPDATE carts SET a = '${canary}'                                        1ms
  http: POST https://user:${canary}@pay.internal/charges/8675309?key=${canary} 900ms
  pg: COMMIT                                                                   1ms
  http: GET https://users.internal/users/8675309#?key=${canary}              600ms x6
  redis: HGETALL user:${canary}:#                                             2ms x12`);
    const kinds = new Set(findings.map(({ kind }) => kind));
    expect(kinds.size).toBeGreaterThanOrEqual(6);
    expect(JSON.stringify(findings)).not.toMatch(/Xc4n4ryX|8675309/);
  });
});
