/** `npm run bench`: what the analyzer costs on the path of a request. Ratios and bests of one run; `--json` for machines. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { callSiteCases } from './cases/call-sites.ts';
import { closeCases } from './cases/close-request.ts';
import { normalizeCases } from './cases/normalize.ts';
import { queryEndCases } from './cases/query-end.ts';
import { lastResult, measure, type Case, type Measured } from './lib/measure.ts';

interface Group {
  readonly title: string;
  readonly calls: number;
  readonly cases: readonly Case[];
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });

const noop = (call: number): number => call;
const groups: readonly Group[] = [
  {
    title: 'noise floor: the same empty call, timed twice',
    calls: 2000,
    cases: [
      { name: 'empty', run: noop },
      { name: 'empty again', run: noop },
    ],
  },
  { title: 'normalise one statement', calls: 500, cases: normalizeCases() },
  { title: 'the end of the span of a query, with the SDK', calls: 500, cases: queryEndCases() },
  { title: 'close of a request: its record and all detectors', calls: 40, cases: closeCases() },
  { title: 'a whole request that repeats nothing, with and without call sites', calls: 400, cases: callSiteCases() },
];

const results = groups.map((group) => ({
  title: group.title,
  results: measure(group.cases, { calls: group.calls, batches: values.quick ? 20 : 80 }),
}));

if (values.json) {
  const plain = results.map((group) => ({ title: group.title, results: Object.fromEntries(group.results) }));
  console.log(
    JSON.stringify({ schemaVersion: 1, node: process.version, cpu: cpus()[0]?.model, groups: plain }, undefined, 2),
  );
} else {
  for (const { title, results: measured } of results) console.log(`${title}\n${[...measured].map(line).join('\n')}\n`);
}
if (lastResult() === undefined) throw new Error('Nothing was computed.');

function line([name, { bestNs, medianNs }]: [string, Measured]): string {
  return `  ${name.padEnd(50)} best ${time(bestNs)}   median ${time(medianNs)}`;
}

function time(ns: number): string {
  return ns < 1000 ? `${ns.toFixed(1).padStart(7)} ns` : `${(ns / 1000).toFixed(2).padStart(7)} µs`;
}
