/** `node bench/monitor.ts`: what the performance monitor costs, in time and memory. `--quick` for less of it, `--json` for machines. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { monitorCases } from './cases/monitor.ts';
import { lastResult, measure } from './lib/measure.ts';
import { megabytes } from './lib/memory.ts';
import { manyRoutes, REQUESTS_PER_SECOND, traffic } from './lib/monitor-memory.ts';
import { seriesBytes } from './lib/series-bytes.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });

const DISTINCT_ROUTES = 100_000;
/** What the monitor may cost at the most. Times depend on the machine and are only printed. */
const DISTINCT_ROUTES_BYTES_MAX = 10e6;
const FULL_MONITOR_BYTES_MAX = 30e6;
/** Up to the first hour the monitor grows by what the longest window still takes in; from then on it does not. */
const GROWTH_MAX = 1.3;
const GROWTH_MAX_WHEN_FULL = 1.02;
const MINUTES_UNTIL_FULL = 60;
const minutes = values.quick ? 15 : 75;

const series = seriesBytes();
const routes = manyRoutes(DISTINCT_ROUTES);
const hour = traffic(minutes);
const times = measure(monitorCases(), { calls: 5000, batches: values.quick ? 20 : 80 });
if (lastResult() === undefined) throw new Error('Nothing was computed.');
checkBudgets();

if (values.json) {
  const machine = { schemaVersion: 1, node: process.version, cpu: cpus()[0]?.model };
  const results = { timesNs: Object.fromEntries(times), seriesBytes: series, distinctRoutes: routes, traffic: hour };
  console.log(JSON.stringify({ ...machine, ...results }, undefined, 2));
} else {
  console.log('Time per call, best and median of the batches');
  for (const [name, { bestNs, medianNs }] of times) {
    console.log(`  ${name.padEnd(56)} ${bestNs.toFixed(0).padStart(6)} ns ${medianNs.toFixed(0).padStart(6)} ns`);
  }
  console.log('\nMemory per series');
  for (const [name, bytes] of Object.entries(series)) {
    console.log(`  ${name.padEnd(56)} ${String(Math.round(bytes)).padStart(6)} bytes`);
  }
  console.log(
    `\n${DISTINCT_ROUTES} distinct routes: ${megabytes(routes.bytes)}; ${routes.requestsInOther} requests in (other)`,
  );
  console.log(
    `\n${minutes} simulated minutes at ${REQUESTS_PER_SECOND} requests a second, 500 routes, 5000 query shapes, 5 queries each`,
  );
  for (const { simulatedMinutes, monitorBytes, rssBytes } of hour.moments) {
    const minute = String(simulatedMinutes).padStart(3);
    console.log(`  after ${minute} min: monitor ${megabytes(monitorBytes)}, resident set ${megabytes(rssBytes)}`);
  }
  const { firstMs, nextMs, longestAddMs } = hour.rotation;
  console.log(
    `\nWhen slices of all widths end: 500 adds take ${firstMs.toFixed(2)} ms, the next 500 ${nextMs.toFixed(2)} ms; ` +
      `the longest add ${longestAddMs.toFixed(3)} ms`,
  );
  console.log('\nReading the full monitor, best of five');
  for (const [name, ms] of Object.entries(hour.readMs)) console.log(`  ${name}: ${ms.toFixed(1)} ms`);
}

function checkBudgets(): void {
  const first = hour.moments[0]?.monitorBytes ?? NaN;
  const last = hour.moments.at(-1)?.monitorBytes ?? NaN;
  if (!(routes.bytes <= DISTINCT_ROUTES_BYTES_MAX)) throw new Error(`Distinct routes cost ${megabytes(routes.bytes)}.`);
  if (!(last <= FULL_MONITOR_BYTES_MAX)) throw new Error(`The full monitor costs ${megabytes(last)}.`);
  if (!(last <= first * GROWTH_MAX))
    throw new Error(`The monitor grew from ${megabytes(first)} to ${megabytes(last)}.`);
  const full = hour.moments.find(({ simulatedMinutes }) => simulatedMinutes === MINUTES_UNTIL_FULL)?.monitorBytes;
  if (full !== undefined && !(last <= full * GROWTH_MAX_WHEN_FULL))
    throw new Error(`The monitor grew from ${megabytes(full)} to ${megabytes(last)} after its windows were full.`);
}
