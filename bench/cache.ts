/**
 * `npm run bench:cache`: our cache beside others, each library in a process of its own, as times of ours. `-- --quick` for less of
 * it, `-- --json` for machines. Peers are installed by `npm ci --prefix bench`; ends with 1 if a promise about speed is not kept.
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { verdicts, type Verdict } from './cache/acceptance.ts';
import { COLUMNS, compare, type Comparison, type Ratio, type Run } from './cache/compare.ts';
import { medianOf } from './cache/cpu-time.ts';
import { PHASES, type Measurements } from './cache/measurements.ts';
import type { TelemetryCost } from './cache/measure-telemetry.ts';
import { SUBJECTS, type SubjectId } from './cache/subjects/index.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });

const ROUNDS = values.quick ? 3 : 7;
const OURS: SubjectId = 'slowpath';
const columns = Object.keys(COLUMNS) as (keyof Measurements)[];

const runs = new Map<SubjectId, Run[]>();
const telemetry: TelemetryCost[] = [];
let ids = Object.keys(SUBJECTS) as SubjectId[];
for (let round = 0; round < ROUNDS; round++) {
  process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
  // A machine that grows slower in the course of a round is unjust to the first of one round and to the last of the next.
  const measured = ids.filter((id) => addRun(id));
  telemetry.push(inProcess('measure-telemetry.ts') as TelemetryCost);
  ids = measured.toReversed();
}

const ours = runs.get(OURS) ?? [];
const comparisons = Array.from(runs.values(), (ofOne) => compare(ours, ofOne));
const peers = comparisons.filter(({ name, hasTags }) => hasTags && name !== ours[0]?.name);
const promises = verdicts(ours, runs.get('lru-cache') ?? [], telemetry, peers);
const makeKeyNs = medianOf(telemetry.map((cost) => cost.makeKeyNs));

if (values.json) {
  const machine = { schemaVersion: 1, node: process.version, cpu: cpus()[0]?.model, rounds: ROUNDS };
  console.log(JSON.stringify({ ...machine, comparisons, makeKeyNs, promises }, undefined, 2));
} else print();
if (promises.some(({ kept }) => !kept)) process.exitCode = 1;

/** Measures one library; false if it is not installed. */
function addRun(id: SubjectId): boolean {
  const phases = PHASES.map(
    (phase) => inProcess('measure-subject.ts', id, phase) as Run | { readonly missing: string },
  );
  const run = phases.reduce((all, one) => {
    if ('missing' in all || 'missing' in one) return one;
    return { ...all, measurements: { ...all.measurements, ...one.measurements } };
  });
  if ('missing' in run) console.error(run.missing);
  else runs.set(id, [...(runs.get(id) ?? []), run]);
  return !('missing' in run);
}

function inProcess(file: string, ...args: readonly string[]): unknown {
  const command = [new URL(`cache/${file}`, import.meta.url).pathname, ...args, ...(values.quick ? ['--quick'] : [])];
  return JSON.parse(
    execFileSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

function print(): void {
  const width = Math.max(...comparisons.map(({ name }) => name.length));
  console.log('Processor time of one operation on 100 000 entries: ours, then how many times that the others take.');
  console.log(
    `Median of ${ROUNDS} rounds [least–greatest]. invalidate: one tag of 1 000 entries. bytes: beside key and value.\n`,
  );
  for (const column of columns) {
    console.log(COLUMNS[column]);
    for (const comparison of comparisons) {
      const text = cell(comparison, column);
      if (text !== undefined) console.log(`  ${comparison.name.padEnd(width)}  ${text}`);
    }
  }
  console.log(`\nTo make a key by a pattern of one parameter and one tag: ${makeKeyNs.toFixed(0)} ns.\n`);
  for (const promise of promises) console.log(line(promise));
}

function cell({ medians, ratios, name }: Comparison, column: keyof Measurements): string | undefined {
  const value = medians[column];
  if (value === undefined) return undefined;
  const text = column.startsWith('bytes') ? `${value.toFixed(0)} bytes` : duration(value);
  const ratio = ratios[column];
  return name === ours[0]?.name || ratio === undefined ? text.padStart(10) : `${text.padStart(10)}  ${times(ratio)}`;
}

function times({ median, min, max }: Ratio): string {
  return `${digits(median)} × [${digits(min)}–${digits(max)}]`;
}

function digits(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 0);
}

function duration(ns: number): string {
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(0)} µs`;
}

function line({ promise, measured, kept }: Verdict): string {
  return `${kept ? 'kept  ' : 'BROKEN'}  ${promise}: ${measured}`;
}
