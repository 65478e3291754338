import { describe, expect, it } from 'vitest';
import { QueryAnalyzer, type AnalyzerReport } from '../../analysis/query-analyzer.ts';
import { reportJson } from '../../report/json.ts';
import { reportText } from '../../report/text.ts';
import { drawnRequest, FakeClock } from '../../testing/index.ts';
import { endpointStatistics, reportInput } from './report-input.ts';

/** What an analyzer says of 1200 equal requests in each of which `picture` was seen, over two minutes. */
function afterTwoMinutesOf(...pictures: readonly string[]): AnalyzerReport {
  const clock = new FakeClock();
  const analyzer = new QueryAnalyzer({ clock });
  for (const picture of pictures) {
    const request = drawnRequest(picture);
    for (let n = 0; n < 1200; n++) analyzer.add(request);
  }
  clock.advance(120_000);
  return analyzer.getReport();
}

const plain = { color: false };
const endpoints = [endpointStatistics('GET /rates', { count: 1200 })];

describe('busy endpoints in the report', () => {
  it('have a section of their own, with what to do first', () => {
    const { highFrequencyEndpoints } = afterTwoMinutesOf('GET /rates 20ms');
    expect(reportText(reportInput(endpoints, [], { highFrequencyEndpoints }), plain)).toContain(`

HIGH-FREQUENCY ENDPOINTS by the time that each minute wastes
 1  info      high-frequency-endpoint  GET /rates
    what    600 requests per minute of 20.0 ms each: 24.0 s for 1,200 requests, 100 % of the time of
            all requests
    fix     Nothing in it is known to be wasted: cache its answer, or what it is computed from, or
            have it asked less often.
`);
  });

  it('say what each minute wastes, and name the finding to fix', () => {
    const loop = 'GET /orders 100ms\n  pg: SELECT * FROM users WHERE id = $1 with (#) 4ms x20';
    const { highFrequencyEndpoints, findings } = afterTwoMinutesOf(loop);
    const text = reportText(reportInput(endpoints, findings, { highFrequencyEndpoints }), plain);
    const section = text.slice(text.indexOf('HIGH-FREQUENCY')).replaceAll(/\s+/g, ' ');
    expect(section).toContain(' 1 warning high-frequency-endpoint GET /orders ');
    expect(section).toContain(` fix Fix its n-plus-one first: ${findings[0]?.finding.recommendation} `);
    expect(section).toMatch(/ saves ≈ .+ per request, .+ s in each minute /);
  });

  it('are not mentioned when there is none', () => {
    expect(reportText(reportInput(endpoints), plain)).not.toContain('HIGH-FREQUENCY');
  });

  it('stand in the JSON report as the analyzer told them', () => {
    const { highFrequencyEndpoints } = afterTwoMinutesOf('GET /rates 20ms');
    expect(highFrequencyEndpoints).toHaveLength(1);
    const report = reportJson(reportInput(endpoints, [], { highFrequencyEndpoints }));
    expect(report.highFrequencyEndpoints).toEqual(highFrequencyEndpoints);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('are ten unless told otherwise, and how many more there are is said', () => {
    const [one] = afterTwoMinutesOf('GET /rates 20ms').highFrequencyEndpoints;
    if (one === undefined) throw new Error('no busy endpoint');
    const highFrequencyEndpoints = Array.from({ length: 11 }, () => one);
    const text = reportText(reportInput(endpoints, [], { highFrequencyEndpoints }), plain);
    expect(text.match(/ high-frequency-endpoint {2}GET \/rates$/gm)).toHaveLength(10);
    expect(text).toContain('\n  … and 1 more endpoint\n');
  });
});
