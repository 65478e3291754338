import { afterEach, describe, expect, it, vi } from 'vitest';
import { analyzeEndpoint, type EndpointAnalysis } from '../../analysis/analyze-endpoint.ts';
import type { QueryInput } from '../../analysis/analyze-endpoint-input.ts';
import { middleOf } from '../../analysis/analyze-endpoint-savings.ts';
import { duplicateQuery } from '../../analysis/detectors/duplicate-query.ts';
import { QueryAnalyzer } from '../../analysis/query-analyzer.ts';
import { drawnRequest } from '../../testing/index.ts';

const USER = 'SELECT name FROM users WHERE id = $1';

/** A list of 20 rows, and one query for each of them, 6 ms each, one after the other. */
const loop: readonly QueryInput[] = [
  { text: 'SELECT id, user_id FROM orders LIMIT 20', durationMs: 4, startMs: 0, rowCount: 20 },
  ...Array.from({ length: 20 }, (_, n) => ({
    text: USER,
    values: [n + 1],
    durationMs: 6,
    startMs: 4 + 6 * n,
    rowCount: 1,
  })),
];
const PICTURE = `
  GET /orders                                        180ms
    pg: SELECT id, user_id FROM orders LIMIT 20        4ms rows 20
    pg: ${USER} with (#)                               6ms x20 rows 1`;

const kindsOf = ({ findings }: EndpointAnalysis): string[] => findings.map(({ kind }) => kind);
/** The findings, but for the ids of spans, which a picture numbers in its own way. */
const comparable = (findings: EndpointAnalysis['findings']): unknown =>
  findings.map((finding) => ({ ...finding, evidence: { ...finding.evidence, spanIds: [] } }));

describe('analyzeEndpoint', () => {
  it('finds in a list of queries what is found in a live request that sends them', () => {
    const analysis = analyzeEndpoint('GET /orders', loop, { durationMs: 180 });
    expect(analysis.findings).not.toEqual([]);
    expect(comparable(analysis.findings)).toEqual(comparable(drawnRequest(PICTURE).findings));
    expect(analysis).toMatchObject({
      endpoint: 'GET /orders',
      queryCount: 21,
      totalMs: 124,
      durationMs: 180,
      duplicates: [],
      queriesNotGrouped: 0,
      detectorsFailed: [],
    });
    expect(analysis.n1Issues).toEqual(analysis.findings.filter(({ kind }) => kind === 'n-plus-one'));
    expect(analysis.n1Issues).toHaveLength(1);
  });

  it('finds the same whatever the order of the list, for the starts tell the order', () => {
    const expected = comparable(analyzeEndpoint('GET /orders', loop).findings);
    expect(comparable(analyzeEndpoint('GET /orders', loop.toReversed()).findings)).toEqual(expected);
  });

  it('takes any clock: only differences between starts count', () => {
    const expected = analyzeEndpoint('GET /orders', loop);
    for (const origin of [Date.UTC(2026, 0, 1), -50]) {
      const shifted = loop.map((query) => ({ ...query, startMs: (query.startMs ?? 0) + origin }));
      expect(analyzeEndpoint('GET /orders', shifted)).toEqual(expected);
    }
  });

  it('takes texts alone: then nobody knows what ran after what, and no time is saved', () => {
    const texts = Array.from({ length: 20 }, (_, n) => `SELECT name FROM users WHERE id = ${n}`);
    const analysis = analyzeEndpoint('GET /orders', texts);
    expect(analysis).toMatchObject({
      queryCount: 20,
      totalMs: 0,
      durationMs: 0,
      n1Issues: [{ evidence: { count: 20, mode: 'unknown', distinctParameters: 16 } }],
      optimization: { potential: 0, estimatedSavedMs: [0, 0], steps: [{ rank: 1, savedMs: [0, 0] }] },
    });
  });

  it('says of no share of a duration that nobody told', () => {
    const duplicates = Array.from({ length: 3 }, () => ({ text: 'SELECT a FROM t', durationMs: 1 }));
    expect(analyzeEndpoint('GET /', duplicates).findings).toMatchObject([{ severity: 'warning' }]);
    expect(analyzeEndpoint('GET /', duplicates, { durationMs: 6 }).findings).toMatchObject([{ severity: 'critical' }]);
    const texts = duplicates.map(({ text }) => text);
    expect(analyzeEndpoint('GET /', texts).findings).toMatchObject([{ severity: 'warning' }]);
    expect(analyzeEndpoint('GET /', texts, { durationMs: 0 }).findings).toMatchObject([{ severity: 'warning' }]);
    const many = Array.from({ length: 50 }, () => 'SELECT a FROM t');
    expect(analyzeEndpoint('GET /', many).findings).toMatchObject([{ severity: 'critical' }]);
  });

  it('never saves more than the request took', () => {
    const queries = Array.from({ length: 10 }, (_, n) => ({ text: USER, values: [n], durationMs: 10.1 }));
    const { findings } = analyzeEndpoint('GET /', queries, { durationMs: 20 });
    expect(findings).toHaveLength(1);
    for (const { savedMs } of findings) expect(savedMs[1]).toBeLessThanOrEqual(20);
  });

  it('gives finite numbers for the longest durations and the farthest starts that it takes', () => {
    const queries = Array.from({ length: 6 }, (_, n) => ({
      text: USER,
      values: [n],
      durationMs: 1e12,
      startMs: n % 2 === 0 ? 1e14 : -1e14,
    }));
    const [finding] = analyzeEndpoint('GET /', queries).findings;
    expect(finding?.savedMs.every((ms) => ms >= 0 && ms <= 6e12)).toBe(true);
    expect(JSON.stringify(finding)).not.toMatch(/NaN|Infinity|null/);
  });

  it('sees that a transaction was tried again', () => {
    const attempt = (end: string) => ['BEGIN', { text: 'UPDATE t SET a = $1 WHERE b = 2', values: [1] }, end];
    const six = (end: string) => Array.from({ length: 6 }, () => attempt(end)).flat();
    expect(kindsOf(analyzeEndpoint('POST /', six('ROLLBACK')))).toEqual([]);
    expect(kindsOf(analyzeEndpoint('POST /', six('COMMIT')))).toEqual(['n-plus-one']);
    // Transactions that never began were not rolled back.
    const failed = six('ROLLBACK').map((query) => (query === 'BEGIN' ? { text: 'BEGIN', failed: true } : query));
    expect(kindsOf(analyzeEndpoint('POST /', failed))).toEqual(['n-plus-one']);
  });

  it.each(['text', 'sql', 'query'])('takes the text as `%s`', (name) => {
    const queries = Array.from({ length: 20 }, () => ({ [name]: USER, durationMs: 5 }));
    expect(analyzeEndpoint('GET /orders', queries)).toMatchObject({ queryCount: 20, totalMs: 100, durationMs: 100 });
  });

  it.each(['values', 'parameters'])('tells a duplicate from a loop by `%s`', (name) => {
    const repeat = (value: (n: number) => unknown): QueryInput[] =>
      Array.from({ length: 8 }, (_, n) => ({ text: USER, durationMs: 5, [name]: [value(n)] }));
    expect(
      analyzeEndpoint(
        'GET /',
        repeat(() => 7),
      ).duplicates,
    ).toMatchObject([{ evidence: { count: 8 } }]);
    expect(
      kindsOf(
        analyzeEndpoint(
          'GET /',
          repeat(() => 7),
        ),
      ),
    ).toEqual(['duplicate-query']);
    expect(
      kindsOf(
        analyzeEndpoint(
          'GET /',
          repeat((n) => n),
        ),
      ),
    ).toEqual(['n-plus-one']);
  });

  it('does not call queries duplicates whose values it was not given', () => {
    const queries = Array.from({ length: 4 }, () => USER);
    expect(analyzeEndpoint('GET /', queries).findings).toEqual([]);
    expect(
      analyzeEndpoint(
        'GET /',
        queries.map((text) => ({ text, values: [] })),
      ).findings,
    ).toEqual([]);
  });

  it('counts no transaction control, no pings and no empty texts', () => {
    const queries = ['BEGIN', 'SET search_path TO shop', 'SELECT 1', '', '  ', 'UPDATE a SET b = 1', 'COMMIT'];
    expect(analyzeEndpoint('POST /', queries).queryCount).toBe(1);
  });

  it('tells chunks of a batch from a loop of lists of one', () => {
    const chunks = (size: number): QueryInput[] =>
      Array.from({ length: 6 }, (_, n) => ({
        text: 'SELECT id FROM users WHERE id = ANY($1)',
        values: [Array.from({ length: size }, (_value, i) => n * size + i)],
        durationMs: 9,
      }));
    expect(kindsOf(analyzeEndpoint('GET /', chunks(100)))).toEqual([]);
    expect(kindsOf(analyzeEndpoint('GET /', chunks(1)))).toEqual(['n-plus-one']);
  });

  it('does not take for duplicates what failed and was tried again', () => {
    const tries = (failed: boolean): QueryInput[] =>
      Array.from({ length: 5 }, (_, n) => ({ text: USER, values: [7], durationMs: 9, startMs: 9 * n, failed }));
    expect(kindsOf(analyzeEndpoint('GET /', tries(true)))).toEqual([]);
    expect(kindsOf(analyzeEndpoint('GET /', tries(false)))).toEqual(['duplicate-query']);
  });

  it('knows what ran in a transaction, where reads cannot run at the same time', () => {
    const reads = ['SELECT a FROM b', 'SELECT count(*) FROM d'].map((text, n) => ({
      text,
      durationMs: 150,
      startMs: 1 + 150 * n,
    }));
    const around = (startMs: number, text: string): QueryInput => ({ text, startMs, durationMs: 1 });
    expect(kindsOf(analyzeEndpoint('GET /', reads))).toEqual(['consecutive-queries']);
    expect(kindsOf(analyzeEndpoint('GET /', [around(0, 'BEGIN'), ...reads, around(301, 'COMMIT')]))).toEqual([]);
    const before = [around(-9, 'BEGIN'), around(-5, 'ROLLBACK')];
    expect(kindsOf(analyzeEndpoint('GET /', [...before, ...reads]))).toEqual(['consecutive-queries']);
  });

  it('keeps systems and databases apart', () => {
    const on = (parts: Partial<QueryInput>): QueryInput[] =>
      Array.from({ length: 4 }, (_, n) => ({ text: USER, values: [n], durationMs: 5, ...parts }));
    const shards = [...on({ namespace: 'a' }), ...on({ namespace: 'b' })];
    expect(analyzeEndpoint('GET /', shards).findings).toEqual([]);
    expect(analyzeEndpoint('GET /', [...on({ system: 'mysql' }), ...on({})]).findings).toEqual([]);
    expect(
      analyzeEndpoint('GET /', [...on({ system: 'mysql' }), ...on({})], { system: 'mysql' }).n1Issues,
    ).toHaveLength(1);
  });

  it('reads the text as its system does', () => {
    const text = 'SELECT "a" FROM t WHERE id = 1';
    const textIn = (system: string): string | undefined =>
      analyzeEndpoint(
        'GET /',
        Array.from({ length: 5 }, (_, n) => text.replace('1', String(n))),
        { system },
      ).n1Issues[0]?.evidence.exampleText;
    expect(textIn('postgresql')).toBe('SELECT "a" FROM t WHERE id = ?');
    expect(textIn('mysql')).toBe('SELECT ? FROM t WHERE id = ?');
  });

  it('puts span ids and call sites into the evidence; without ids, places in the list', () => {
    const site = { file: 'src/orders.ts', line: 42, column: 7 };
    const queries = loop.map((query, n) =>
      n === 3 ? { ...query, spanId: '00f067aa0ba902b7', callSite: site } : query,
    );
    expect(analyzeEndpoint('GET /orders', queries).n1Issues[0]?.evidence).toMatchObject({
      callSite: site,
      spanIds: ['0000000000000002', '0000000000000003', '00f067aa0ba902b7', '0000000000000015'],
    });
  });

  it('takes null and undefined for unknown', () => {
    const bare = analyzeEndpoint('GET /', [USER, USER, USER, USER, USER]);
    for (const unknown of [null, undefined]) {
      const all = ['sql', 'query', 'durationMs', 'startMs', 'values', 'parameters', 'rowCount', 'system'];
      const more = ['namespace', 'failed', 'spanId', 'callSite'];
      const fields = Object.fromEntries([...all, ...more].map((name) => [name, unknown]));
      const query = { ...fields, text: USER };
      expect(analyzeEndpoint('GET /', [query, query, query, query, query])).toEqual(bare);
    }
  });

  it('is the same from the analyzer, which knows thresholds of its own', () => {
    const few = loop.slice(0, 5);
    expect(new QueryAnalyzer().analyzeEndpoint('GET /orders', loop)).toEqual(analyzeEndpoint('GET /orders', loop));
    const strict = new QueryAnalyzer({ thresholds: { 'n-plus-one': { minQueries: 3 } } });
    expect(analyzeEndpoint('GET /orders', few).n1Issues).toEqual([]);
    expect(strict.analyzeEndpoint('GET /orders', few).n1Issues).toHaveLength(1);
    expect(
      strict.analyzeEndpoint('GET /orders', few, { thresholds: { 'n-plus-one': { minQueries: 5 } } }).n1Issues,
    ).toEqual([]);
    expect(strict.getReport().findings).toEqual([]);
  });

  it('counts slow queries from its own threshold, from that of the options, or from 200 ms', () => {
    const queries = [{ text: 'SELECT count(*) FROM events', durationMs: 150 }];
    expect(kindsOf(analyzeEndpoint('GET /', queries))).toEqual([]);
    expect(kindsOf(analyzeEndpoint('GET /', queries, { slowQueryMinMs: 150 }))).toEqual(['slow-query']);
    expect(kindsOf(analyzeEndpoint('GET /', queries, { thresholds: { 'slow-query': { minMs: 100 } } }))).toEqual([
      'slow-query',
    ]);
  });
});

describe('the duration of the request', () => {
  const queries = [
    { text: 'SELECT a FROM a', durationMs: 30, startMs: 5 },
    { text: 'SELECT b FROM b', durationMs: 10, startMs: 10 },
  ];

  it('is from the first start to the last end; the sum where a start is missing; or what it is said to be', () => {
    expect(analyzeEndpoint('GET /', queries).durationMs).toBe(30);
    expect(analyzeEndpoint('GET /', [...queries, { text: 'SELECT c FROM c', durationMs: 2 }]).durationMs).toBe(42);
    expect(analyzeEndpoint('GET /', queries, { durationMs: 99 }).durationMs).toBe(99);
    expect(analyzeEndpoint('GET /', []).durationMs).toBe(0);
  });

  it('makes a slow endpoint only when it was given', () => {
    const long = [
      { text: 'SELECT a FROM a', durationMs: 180, startMs: 0 },
      { text: 'SELECT b FROM b', durationMs: 190, startMs: 900 },
    ];
    expect(kindsOf(analyzeEndpoint('GET /', long))).not.toContain('slow-endpoint');
    expect(kindsOf(analyzeEndpoint('GET /', long, { durationMs: 1090 }))).toContain('slow-endpoint');
    expect(kindsOf(analyzeEndpoint('job nightly', long, { durationMs: 1090 }))).not.toContain('slow-endpoint');
  });
});

describe('the optimization', () => {
  const twoLoops: readonly QueryInput[] = ['users', 'items'].flatMap((table, t) =>
    Array.from({ length: 10 }, (_, n) => ({
      text: `SELECT name FROM ${table} WHERE id = $1`,
      values: [n],
      durationMs: 4 + 2 * t,
      startMs: 100 * t + n * (4 + 2 * t),
    })),
  );

  it('ranks its steps by what they save, and they add up', () => {
    const { findings, optimization } = analyzeEndpoint('GET /', twoLoops);
    const { steps, estimatedSavedMs, potential } = optimization;
    expect(steps.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(steps.map(({ fingerprint }) => fingerprint)).toEqual(
      findings.toSorted((a, b) => middleOf(b.savedMs) - middleOf(a.savedMs)).map(({ fingerprint }) => fingerprint),
    );
    expect(steps[0]).toMatchObject({ kind: 'n-plus-one', recommendation: findings[1]?.recommendation });
    expect(estimatedSavedMs[0]).toBeCloseTo(steps.reduce((sum, { savedMs }) => sum + savedMs[0], 0));
    expect(estimatedSavedMs[1]).toBeCloseTo(steps.reduce((sum, { savedMs }) => sum + savedMs[1], 0));
    expect(estimatedSavedMs[0]).toBeGreaterThan(0);
    expect(potential).toBeCloseTo(middleOf(estimatedSavedMs) / 160);
  });

  it('never promises more than the request took', () => {
    const { optimization } = analyzeEndpoint('GET /', twoLoops, { durationMs: 20 });
    expect(optimization.estimatedSavedMs[1]).toBe(20);
    expect(optimization.estimatedSavedMs[0]).toBeLessThanOrEqual(20);
    expect(optimization.potential).toBeLessThanOrEqual(1);
  });

  it('does not count the time of one query twice', () => {
    const slowLoop = Array.from({ length: 10 }, (_, n) => ({
      text: USER,
      values: [n],
      durationMs: 300,
      startMs: 300 * n,
    }));
    const { findings, optimization } = analyzeEndpoint('GET /', slowLoop);
    expect(findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['n-plus-one', 'slow-query']));
    const best = Math.max(...findings.map(({ savedMs }) => middleOf(savedMs)));
    expect(middleOf(optimization.estimatedSavedMs)).toBeCloseTo(best);
    expect(optimization.steps.map(({ rank }) => rank)).toEqual(findings.map((_, n) => n + 1));
    expect(optimization.steps.slice(1).every(({ savedMs }) => savedMs[1] === 0)).toBe(true);
  });

  it('is empty for an endpoint without findings', () => {
    expect(analyzeEndpoint('GET /', []).optimization).toEqual({ potential: 0, estimatedSavedMs: [0, 0], steps: [] });
  });
});

describe('a detector that fails', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('is named, and the others still run', () => {
    vi.spyOn(duplicateQuery, 'detect').mockImplementation(() => {
      throw new Error('secret');
    });
    const analysis = analyzeEndpoint('GET /orders', loop);
    expect(analysis.detectorsFailed).toEqual(['duplicate-query']);
    expect(analysis.n1Issues).toHaveLength(1);
    expect(JSON.stringify(analysis)).not.toContain('secret');
  });
});

describe('a hundred thousand distinct statements', () => {
  it('are counted, and looked at within bounds', () => {
    const queries = Array.from({ length: 100_000 }, (_, n) => ({ text: `SELECT a${n} FROM t${n}`, durationMs: 1 }));
    expect(analyzeEndpoint('GET /', queries)).toMatchObject({
      queryCount: 100_000,
      totalMs: 100_000,
      queriesNotGrouped: 100_000 - 64,
      n1Issues: [],
    });
  });
});
