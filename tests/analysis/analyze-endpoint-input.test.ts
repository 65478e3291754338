import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeEndpoint } from '../../analysis/analyze-endpoint.ts';

/** As a caller from JavaScript has it: nothing is checked before. */
const analyze = analyzeEndpoint as (...args: readonly unknown[]) => ReturnType<typeof analyzeEndpoint>;

function refusalOf(...args: readonly unknown[]): string {
  try {
    analyze(...args);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).not.toHaveProperty('cause');
    return (thrown as TypeError).message;
  }
  throw new Error('nothing was refused');
}

const LIST = 'Expected an array of SQL texts, or of objects with them.';
const ELEMENT = "Expected SQL text, or an object with it: { text: 'SELECT …', durationMs: 12.5 }.";
const throwing = (): never => {
  throw new Error("secret 'jane@example.org'");
};
const { proxy: revoked, revoke } = Proxy.revocable<unknown[]>([], {});
revoke();

describe('what analyzeEndpoint refuses', () => {
  it.each([
    [null, `queries is null. ${LIST}`],
    [undefined, `queries is undefined. ${LIST}`],
    ['SELECT secret', `queries is a string of 13 characters. ${LIST}`],
    [7, `queries is 7. ${LIST}`],
    [{ length: 3 }, `queries is an object. ${LIST}`],
    [new Set(['SELECT 1']), `queries is an object. ${LIST}`],
  ])('a list that is none (%#)', (queries, message) => {
    expect(refusalOf('GET /', queries)).toBe(message);
  });

  it.each([
    [null, `queries[1] is null. ${ELEMENT}`],
    [undefined, `queries[1] is undefined. ${ELEMENT}`],
    [42, `queries[1] is 42. ${ELEMENT}`],
    [4_242_424_242, `queries[1] is a number of 10 characters. ${ELEMENT}`],
    [5n, `queries[1] is a bigint. ${ELEMENT}`],
    [true, `queries[1] is a boolean. ${ELEMENT}`],
    [Symbol('secret'), `queries[1] is a symbol. ${ELEMENT}`],
    [throwing, `queries[1] is a function. ${ELEMENT}`],
    [{}, "queries[1] has no SQL text. Expected it as text, sql or query: { text: 'SELECT …', durationMs: 12.5 }."],
    [[], "queries[1] has no SQL text. Expected it as text, sql or query: { text: 'SELECT …', durationMs: 12.5 }."],
    [{ text: 7 }, 'queries[1].text is 7. Expected SQL text.'],
    [{ sql: Buffer.from('SELECT 1') }, 'queries[1].sql is an object. Expected SQL text.'],
  ])('an element that is no query (%#)', (element, message) => {
    expect(refusalOf('GET /', ['SELECT a FROM b', element])).toBe(message);
  });

  it('what throws when it is read, and what it throws is not told on', () => {
    for (const queries of [revoked, new Proxy(['SELECT 1'], { get: throwing })])
      expect(refusalOf('GET /', queries)).toBe('queries cannot be read: reading it throws. Expected a plain array.');
    const [first, second] = [Object.defineProperty([1], 0, { get: throwing }), new Proxy({}, { get: throwing })];
    expect(refusalOf('GET /', first)).toBe('queries[0] cannot be read: reading it throws. Expected plain data.');
    expect(refusalOf('GET /', [second])).toBe(
      'queries[0].text cannot be read: reading it throws. Expected plain data.',
    );
  });

  const duration = 'Expected milliseconds from 0, for example 12.5.';
  const count = 'Expected a whole number from 0.';
  it.each([
    ['durationMs', NaN, `is NaN. ${duration}`],
    ['durationMs', -5, `is -5. ${duration}`],
    ['durationMs', Infinity, `is Infinity. ${duration}`],
    ['durationMs', 1e308, `is 1e+308. ${duration}`],
    ['durationMs', 1.1e12, `is a number of 13 characters. ${duration}`],
    ['startMs', -1e308, 'is -1e+308. Expected milliseconds on any one clock, for example 3.2.'],
    ['durationMs', '12', `is a string of 2 characters. ${duration}`],
    ['startMs', NaN, 'is NaN. Expected milliseconds on any one clock, for example 3.2.'],
    ['startMs', -Infinity, 'is -Infinity. Expected milliseconds on any one clock, for example 3.2.'],
    ['startMs', new Date(0), 'is an object. Expected milliseconds on any one clock, for example 3.2.'],
    ['rowCount', -1, `is -1. ${count}`],
    ['rowCount', 1.5, `is 1.5. ${count}`],
    ['system', 7, "is 7. Expected a db.system.name, for example 'postgresql'."],
    ['namespace', {}, "is an object. Expected the name of a database, for example 'shop'."],
    [
      'namespace',
      'x'.repeat(1025),
      "is a string of 1025 characters. Expected the name of a database, for example 'shop'.",
    ],
    ['failed', 'yes', 'is a string of 3 characters. Expected true or false.'],
    ['spanId', 12, "is 12. Expected the id of a span, for example '00f067aa0ba902b7'."],
    ['callSite', 'a.ts:1', "is a string of 6 characters. Expected an object: { file: 'src/orders.ts', line: 42 }."],
    ['callSite', { file: 'a.ts' }, "has no file or no line. Expected: { file: 'src/orders.ts', line: 42 }."],
    ['callSite', { file: 'a.ts', line: 0 }, '.line is 0. Expected a whole number from 1.'],
  ])('a wrong %s (%#)', (name, value, message) => {
    const text = 'SELECT a FROM b';
    const path = `queries[3].${name}`;
    const expected = message.startsWith('.') ? path + message : `${path} ${message}`;
    expect(refusalOf('GET /', [text, text, text, { text, [name]: value }])).toBe(expected);
  });

  it.each([
    [undefined, 'endpoint is undefined.'],
    [7, 'endpoint is 7.'],
    ['', 'endpoint is empty.'],
    ['GET /'.repeat(300), 'endpoint is a string of 1500 characters.'],
    [{ toString: throwing }, 'endpoint is an object.'],
  ])('an endpoint that is no name (%#)', (endpoint, message) => {
    expect(refusalOf(endpoint, [])).toBe(`${message} Expected method and route, for example 'GET /orders/:id'.`);
  });

  const numbers = "Expected numbers by kind and name: { 'n-plus-one': { minQueries: 3 } }.";
  it.each([
    [null, "options is null. Expected an object, for example { system: 'mysql' }."],
    ['mysql', "options is a string of 5 characters. Expected an object, for example { system: 'mysql' }."],
    [{ system: 1 }, "options.system is 1. Expected a db.system.name, for example 'mysql'."],
    [{ durationMs: NaN }, 'options.durationMs is NaN. Expected milliseconds from 0, for example 180.'],
    [{ slowQueryMinMs: -1 }, 'options.slowQueryMinMs is -1. Expected milliseconds from 0, for example 180.'],
    [{ thresholds: 5 }, `options.thresholds is 5. ${numbers}`],
    [{ thresholds: { 'n-plus-one': 5 } }, `options.thresholds holds 5. ${numbers}`],
    [
      { thresholds: { 'n-plus-one': { minQueries: '5' } } },
      `options.thresholds holds a string of 1 characters. ${numbers}`,
    ],
    [{ thresholds: { 'n-plus-one': { minQueries: NaN } } }, `options.thresholds holds NaN. ${numbers}`],
    [
      {
        get system(): string {
          return throwing();
        },
      },
      'options.system cannot be read: reading it throws. Expected plain data.',
    ],
  ])('options that are none (%#)', (options, message) => {
    expect(refusalOf('GET /', [], options)).toBe(message);
  });
});

describe('what analyzeEndpoint takes all the same', () => {
  it('is an empty list', () => {
    expect(analyzeEndpoint('GET /', [])).toMatchObject({ queryCount: 0, totalMs: 0, findings: [] });
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  it.each([
    ['a cycle', cyclic],
    ['a proxy', [new Proxy([1], { get: throwing })]],
    ['a getter that throws', Object.defineProperty([1], 0, { get: throwing })],
    ['a symbol', [Symbol('secret')]],
    ['a million values', Array.from({ length: 1_000_000 }, (_, n) => n)],
    ['ten megabytes', ['x'.repeat(10_000_000)]],
    ['no list', new Map([[1, 2]])],
  ])('are values that hold %s: they count as unknown', (_what, values) => {
    const query = { text: 'SELECT a FROM b WHERE c = $1', values, durationMs: 1 };
    const { findings } = analyzeEndpoint('GET /', [query, query, query, query, query]);
    expect(findings).toMatchObject([{ kind: 'n-plus-one' }]);
    expect(findings[0]?.evidence).not.toHaveProperty('distinctParameters');
  });

  it.each([
    ['ten megabytes of it', `SELECT a FROM b WHERE c = '${'secret '.repeat(1_500_000)}'`],
    ['bytes of anything', `SELECT a FROM b WHERE c = '\u0000\ud800secret\u202e' AND \u0001`],
    ['an open literal', "SELECT a FROM b WHERE c = 'secret"],
    ['nothing that is SQL', 'secret {{{ $$$ secret'],
  ])('is text with %s, of which nothing is told on', (_what, text) => {
    const analysis = analyzeEndpoint(
      'GET /',
      Array.from({ length: 6 }, () => ({ text, durationMs: 300 })),
    );
    expect(analysis.queryCount).toBe(6);
    const told = JSON.stringify(analysis);
    expect(told.length).toBeLessThan(20_000);
    expect(told).not.toMatch(text.startsWith('SELECT') ? /secret/ : /\$\$\$/);
  });
});

describe('analyzeEndpoint and anything at all', () => {
  const anything = fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withTypedArray: true,
  });
  const field = fc.oneof(anything, fc.double(), fc.string(), fc.constant(undefined));
  const query = fc.oneof(
    fc.string(),
    fc.record(
      {
        text: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom('SELECT a FROM b WHERE c = $1', 'BEGIN') },
          { weight: 1, arbitrary: field },
        ),
        durationMs: fc.oneof(
          { weight: 9, arbitrary: fc.double({ min: 0, max: 1e4, noNaN: true }) },
          { weight: 1, arbitrary: field },
        ),
        startMs: fc.oneof(
          { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
          { weight: 1, arbitrary: field },
        ),
        values: field,
        rowCount: fc.oneof({ weight: 9, arbitrary: fc.nat() }, { weight: 1, arbitrary: field }),
      },
      { requiredKeys: ['text'] },
    ),
  );

  it('give a result whose numbers are sound, or a TypeError that names an argument', () => {
    let results = 0;
    let refusals = 0;
    fc.assert(
      fc.property(
        fc.oneof({ weight: 20, arbitrary: fc.array(query, { maxLength: 12 }) }, { weight: 1, arbitrary: anything }),
        (queries) => {
          try {
            const {
              potential,
              estimatedSavedMs: [lowMs, highMs],
              steps,
            } = analyze('GET /', queries).optimization;
            results++;
            expect(potential).toBeGreaterThanOrEqual(0);
            expect(potential).toBeLessThanOrEqual(1);
            expect(lowMs).toBeGreaterThanOrEqual(0);
            expect(highMs).toBeGreaterThanOrEqual(lowMs);
            expect(steps.every(({ savedMs: [low, high] }) => low >= 0 && high >= low)).toBe(true);
          } catch (thrown) {
            if (!(thrown instanceof TypeError)) throw thrown;
            refusals++;
            expect(thrown.message).toMatch(/^queries(?:\[\d+\](?:\.\w+)*)? (?:is|has|cannot) .{1,160}$/);
          }
        },
      ),
      { seed: 21, numRuns: 1500 },
    );
    expect(results).toBeGreaterThan(200);
    expect(refusals).toBeGreaterThan(200);
  });
});
