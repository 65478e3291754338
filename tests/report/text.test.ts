import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { QueryFingerprint } from '../../core/types.ts';
import { reportText } from '../../report/text.ts';
import {
  endpointStatistics,
  queryReport,
  queryStatistics,
  reportInput,
  reportedFinding,
  shop,
  statistics,
} from './report-input.ts';

const plain = { color: false };
const health = endpointStatistics('GET /health', {
  count: 600,
  durationMsAvg: 0.83,
  durationMsP50: 0.7,
  durationMsP95: 1.2,
  durationMsP99: 2.04,
  durationMsMax: 9.5,
  totalMs: 498,
  queriesPerRequestAvg: 0,
});

describe('the report as text', () => {
  it('shows endpoints, findings and what was left out', () => {
    expect(reportText(shop, plain)).toBe(`\
slowpath report: shop
2,000 requests in 60.0 min · 3 errors · 10 aborted · window: all · percentiles ±1.1 %

ENDPOINTS by total time (queries: average per request)
endpoint                         requests   total      avg      p50     p95     p99     max  queries
GET /orders                         1,200   219 s   182 ms   180 ms  240 ms  611 ms  1.24 s       21
  1 error
GET /customers/:customerId/ord…       200  12.8 s  64.2 ms  31.1 ms  121 ms  1.00 s  2.31 s      2.3
  2 errors, 3 aborted (in no other number)
GET /health                           600  498 ms   0.8 ms   0.7 ms  1.2 ms  2.0 ms  9.5 ms        0
GET /export                             0    0 ms        -        -       -       -       -        -
  7 aborted (in no other number)

QUERIES by total time (rows: average per query)
query                        count   total      avg      p50      p95      p99      max  rows
SELECT users                24,000   108 s   4.5 ms   4.1 ms   8.2 ms  21.1 ms  90.2 ms     1
  in GET /orders
SELECT items SELECT orders     200  11.0 s  55.2 ms  20.0 ms  96.0 ms   990 ms   2.29 s     -
  2 errors, in GET /customers/:customerId/orders/:orderId/items, GET /orders, +2

FINDINGS by the time that their fixes save
 1  critical  n-plus-one           GET /orders
    what    20 queries differed only in their values (90.0 ms of 182 ms)
    query   SELECT * FROM users WHERE id = $1
    fix     Load the rows in one query: WHERE id = ANY($1).
    saves   ≈ 60–85 ms per request, ≈ 72–102 s in all
    seen    in 1,200 of 1,200 requests (100 %), up to 20 queries in one request, 103 s in repeats
    trace   8d1f0000000000000000000000000001

 2  warning   slow-query           GET /customers/:customerId/orders/:orderId/items
    what    SELECT items took 412 ms (threshold 200 ms)
    query   SELECT i.id, i.name, i.price, i.quantity FROM items AS i JOIN orders AS o ON o.id = i.o…
    fix     Run EXPLAIN (ANALYZE, BUFFERS) on it; a sequential scan over a large table asks for an
            index on its WHERE columns.
    saves   up to 267 ms per request, up to 800 ms in all
    seen    in 3 of 203 requests (1.5 %), 1.11 s together
    trace   8d1f0000000000000000000000000001 (not exported: it was not sampled)

LEFT OUT
  1 query that ended after the request
  12 queries that ran outside of any request
  1 finding that may be chance: seen in fewer than 3 requests, or in less than 1 % of the endpoint's
  40 dropped: queue_full
`);
  });

  it('puts the names above the numbers where both do not fit', () => {
    const input = reportInput([
      endpointStatistics('GET /customers/:customerId/orders/:orderId/items/:itemId/prices', {
        count: 12_345,
        durationMsAvg: 64.21,
        durationMsP50: 31.07,
        durationMsP95: 121,
        durationMsP99: 1005,
        durationMsMax: 2310,
        totalMs: 792_672,
        queriesPerRequestAvg: 1200,
      }),
      health,
    ]);
    expect(reportText(input, { color: false, width: 80 })).toBe(`\
slowpath report: shop
12,945 requests in 62.0 s · window: all · percentiles ±1.1 %

ENDPOINTS by total time (queries: average per request)
endpoint
  requests     total      avg      p50     p95     p99     max  queries
GET /customers/:customerId/orders/:orderId/items/:itemId/prices
    12,345  13.2 min  64.2 ms  31.1 ms  121 ms  1.00 s  2.31 s    1,200
GET /health
       600    498 ms   0.8 ms   0.7 ms  1.2 ms  2.0 ms  9.5 ms        0

No findings: no N+1 loop, no duplicate query, nothing slow and nothing else to
report.
`);
  });

  it('colours severity, headings and labels, and nothing but colours', () => {
    const input = reportInput([health], [reportedFinding({ endpoint: 'GET /health' })], { note: 'demo' });
    const [on, quiet, critical] = ['\u001b[1m', '\u001b[2m', '\u001b[31m'];
    const [off, red] = ['\u001b[22m', '\u001b[39m'];
    expect(reportText(input, { color: true })).toBe(`\
${on}slowpath report: shop${off}
600 requests in 62.0 s · window: all · percentiles ±1.1 %
demo

${on}ENDPOINTS${off} by total time (queries: average per request)
${quiet}endpoint     requests   total     avg     p50     p95     p99     max  queries${off}
GET /health       600  498 ms  0.8 ms  0.7 ms  1.2 ms  2.0 ms  9.5 ms        0

${on}FINDINGS${off} by the time that their fixes save
 1  ${critical}critical${red}  n-plus-one           ${on}GET /health${off}
    ${quiet}what${off}    20 queries differed only in their values (90.0 ms of 182 ms)
    ${quiet}query${off}   SELECT * FROM users WHERE id = $1
    ${quiet}fix${off}     Load the rows in one query: WHERE id = ANY($1).
    ${quiet}saves${off}   ≈ 60–85 ms per request, ≈ 12–17 s in all
    ${quiet}seen${off}    in 200 of 600 requests (33 %), up to 20 queries in one request, 17.1 s in repeats
    ${quiet}trace${off}   8d1f0000000000000000000000000001
`);
    for (const any of [input, shop, reportInput([])]) {
      expect(stripVTControlCharacters(reportText(any, { color: true }))).toBe(reportText(any, plain));
    }
  });

  it('tells streams and upgraded connections apart from requests', () => {
    const events = endpointStatistics('GET /events', { streamCount: 2, upgradeCount: 1, abortedCount: 3 });
    const text = reportText(reportInput([events]), plain);
    expect(text).toContain('\n  3 aborted, 2 streams, 1 upgrade (in no other number)\n');
    expect(text).toMatch(
      /LEFT OUT\n {2}2 event streams: they last as long as their clients like\n {2}1 upgraded connection \(WebSocket\): they last as long as their clients like\n$/,
    );
  });

  it('shows the first ten endpoints and findings unless told otherwise, and says how many more there are', () => {
    const endpoints = Array.from({ length: 13 }, (_, n) => endpointStatistics(`GET /${n}`, { count: 1 }));
    const findings = endpoints.map(({ endpoint }) => reportedFinding({ endpoint }));
    const text = reportText(reportInput(endpoints, findings), plain);
    expect(text.match(/^GET /gm)).toHaveLength(10);
    expect(text.match(/^ ?\d+ {2}critical/gm)).toHaveLength(10);
    expect(text).toContain('\n  … and 3 more endpoints\n');
    expect(text).toContain('\n  … and 3 more findings\n');
    const all = reportText(reportInput(endpoints, findings), { color: false, top: 13 });
    expect(all).not.toContain('more');
    expect(reportText(reportInput(endpoints, findings), { color: false, top: 12 })).toContain('… and 1 more finding\n');
  });
});

describe('the report when there is little to say', () => {
  it('says what to check when no requests were seen', () => {
    expect(reportText(reportInput([]), plain)).toBe(`\
slowpath report: shop
0 requests in 62.0 s · window: all · percentiles ±1.1 %

No requests were seen. Check that
  - the application was started with slowpath: node --import slowpath/register app.js
  - the requests reached this process, not another worker or another port
  - they were answered: a request is counted when it ends
  - the server is one that OpenTelemetry sees: Node's own http or https, or a framework on top of it
`);
  });

  it('says that nothing was found', () => {
    expect(reportText(reportInput([health]), plain)).toMatch(
      /\n\nNo findings: no N\+1 loop, no duplicate query, nothing slow and nothing else to report\.\n$/,
    );
  });

  it('does not call an application clean whose queries nobody saw', () => {
    const unobserved = { ...health, queriesNotObservedCount: 600, queriesPerRequestAvg: undefined };
    const text = reportText(reportInput([unobserved]), plain);
    expect(text).toMatch(/9\.5 ms {8}-\n/);
    expect(text).toContain(`
No findings, but no queries were observed: only the requests and their calls were looked at. If the
application uses a database, load its driver after slowpath: node --import slowpath/register app.js

LEFT OUT
  the queries of 600 requests: no database driver that slowpath knows was loaded
`);
  });

  it('shows findings also when the monitor was reset after they were seen', () => {
    const text = reportText(reportInput([], [reportedFinding()]), plain);
    expect(text).not.toContain('No requests');
    expect(text).toContain('seen    in 200 requests, up to 20 queries in one request, 17.1 s in repeats\n');
  });

  it('names each thing that was left out, and its number', () => {
    const parts = { requestsInOther: 1, lateQueryCount: 2, trackingsNotEndedCount: 4, durationsRefusedCount: 1500 };
    const averaged = [queryStatistics('a', { durationsAveragedCount: 60 }), queryStatistics('b')];
    const input = reportInput([], [], {
      statistics: statistics([health], parts),
      queries: queryReport(averaged, { queriesInOther: 5, queriesNotGroupedCount: 1 }),
      findingsDropped: 1,
      findingsSuppressed: 3200,
      dropped: { internal: 1 },
    });
    const text = reportText(input, plain);
    expect(text.slice(text.indexOf('\n\nLEFT OUT') + 2)).toBe(`\
LEFT OUT
  1 request to endpoints beyond the limit: counted as (other)
  2 queries that ended after the request
  5 queries of shapes beyond the limit: counted as (other)
  1 query beyond the shapes that one request tells apart: in no line of QUERIES
  the durations of 60 queries beyond the first 100 of a shape in a request: counted as their mean
  4 requests tracked by hand that never ended
  the duration of 1,500 requests: it was no number
  1 finding beyond the limit: those whose fixes save least
  3,200 findings suppressed by the application, over all requests
  1 dropped: internal
`);
  });
});

/** A finding with every line that there is, of names that are long and not to be trusted. */
const known = reportedFinding({ estimate: `${'1 ms + '.repeat(40)}\u001b[2J` }, { requestCount: 2 });
const everythingKnown = reportInput(
  [health],
  [
    {
      ...known,
      finding: {
        ...known.finding,
        evidence: {
          ...known.finding.evidence,
          callSite: { file: `/srv/${'deep/'.repeat(40)}\u001b[2J.ts`, line: 7, column: 2, functionName: '\u202eload' },
          source: {
            text: 'SELECT * FROM posts',
            summary: `SELECT ${'posts '.repeat(30)}\u0007`,
            queryFingerprint: 'q0' as QueryFingerprint,
            rowCount: 1234,
            proof: 'rows',
          },
        },
      },
    },
  ],
);

describe('the report and names from outside', () => {
  const hostile = 'GET /\u001b]0;owned\u0007\u001b[2J\n\r\u009b31m\u202e/x\u0000';
  const input = reportInput(
    [endpointStatistics(hostile, { count: 1 }), endpointStatistics('GET /注文/一覧/👍', { count: 2 })],
    [
      reportedFinding({
        endpoint: hostile,
        summary: hostile,
        recommendation: hostile,
        exampleText: `${hostile}\n\tFROM x`,
      }),
    ],
    {
      service: hostile,
      note: hostile,
      dropped: { [hostile]: 1 },
      queries: queryReport([queryStatistics(hostile, { endpoints: [hostile, hostile] })]),
    },
  );

  it('lets no control character through, except its own line ends', () => {
    for (const width of [80, 100]) {
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      expect(reportText(everythingKnown, { color: false, width })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
      const lines = reportText(input, { color: false, width }).split('\n');
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/.test(line))).toEqual([]);
      expect(lines.filter((line) => line.includes('\\u001b]0;owned\\u0007')).length).toBeGreaterThanOrEqual(9);
    }
  });

  it('fits the width and leaves no trailing blanks, whatever it shows', () => {
    const long = reportedFinding({
      endpoint: `GET /${'x'.repeat(200)}`,
      summary: `${'word '.repeat(50)}${'w'.repeat(300)}`,
      recommendation: '一'.repeat(200),
      exampleText: `SELECT ${'column, '.repeat(60)}`,
    });
    const wide = endpointStatistics(`GET /${'注文'.repeat(60)}`, { count: 123_456_789, abortedCount: 5, totalMs: 9e9 });
    const wideQueries = queryReport([
      queryStatistics('注文'.repeat(60), { count: 123_456_789, totalMs: 9e9, errorCount: 12_345 }),
      queryStatistics(`SELECT ${'x'.repeat(200)}`, {
        errorCount: 1,
        endpoints: Array.from({ length: 10 }, (_, n) => `GET /${n}${'注文'.repeat(60)}`),
        unlistedEndpointsCount: 3,
      }),
    ]);
    for (const width of [10, 80, 100, 140]) {
      for (const any of [
        shop,
        input,
        everythingKnown,
        reportInput([wide, health], [long], { service: 's'.repeat(300), note: 'n '.repeat(90), queries: wideQueries }),
      ]) {
        for (const line of reportText(any, { color: false, width }).split('\n')) {
          const columns = [...line].reduce((sum, character) => sum + (/[注文一覧👍]/u.test(character) ? 2 : 1), 0);
          expect(columns, line).toBeLessThanOrEqual(Math.max(80, width));
          expect(line).toBe(line.trimEnd());
        }
      }
    }
  });
});
