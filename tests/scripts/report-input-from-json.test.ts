import { expect, it } from 'vitest';
import { REPORT_SCHEMA_VERSION, reportJson } from '../../report/json.ts';
import { reportText } from '../../report/text.ts';
import { parseReport, toReportInput } from '../../scripts/lib/report-input-from-json.ts';
import {
  endpointStatistics,
  queryReport,
  queryStatistics,
  reportInput,
  shop,
  statistics,
} from '../report/report-input.ts';

const busy = statistics([endpointStatistics('GET /events', { streamCount: 2, upgradeCount: 1 })], {
  requestsInOther: 1,
  lateQueryCount: 2,
  orphanQueryCount: 3,
  trackingsNotEndedCount: 4,
  durationsRefusedCount: 5,
});
const queries = queryReport([queryStatistics('a', { durationsAveragedCount: 6 })], {
  queriesInOther: 7,
  queriesNotGroupedCount: 8,
});

it.each([
  ['a shop', shop],
  ['what was left out', reportInput([], [], { statistics: busy, queries, note: 'a note' })],
  ['nothing', reportInput([])],
])('the text of a report that was read from JSON is that of the process that wrote it: %s', (_name, input) => {
  const read = toReportInput(parseReport(JSON.stringify(reportJson(input))));
  expect(reportText(read, { color: false })).toBe(reportText({ ...input, findings: read.findings }, { color: false }));
});

it('a report of another version is refused, with what to do', () => {
  const older = { ...reportJson(shop), schemaVersion: REPORT_SCHEMA_VERSION - 1 };
  const { queries: _, ...withoutQueries } = reportJson(shop);
  for (const any of [older, withoutQueries]) expect(() => parseReport(JSON.stringify(any))).toThrow('npm run build');
});
