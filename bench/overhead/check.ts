/** `npm run bench:check`: fails if slowpath costs more, beside the application alone and plain OpenTelemetry, than it did. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EnvironmentError } from '../../scripts/lib/environment-error.ts';
import { type Baseline, baselineOf, type Comparison, compareWithBaseline, WORSE_SHARE_MAX } from './lib/baseline.ts';
import { type Bench, withBench } from './lib/bench.ts';
import { exitWithReason } from './lib/exit-with-reason.ts';
import { markdownTable } from './lib/markdown-table.ts';
import type { AppRun } from './lib/measure-app.ts';
import { quick } from './lib/options.ts';
import { FRAMEWORKS } from './lib/routes.ts';
import { runRounds } from './lib/run-rounds.ts';
import { seedBench } from './lib/seed.ts';
import { slowpathHasLean } from './lib/slowpath-has-lean.ts';
import { NONE, OTEL_PLAIN, SLOWPATH_AUTO, SLOWPATH_LEAN, VARIANTS } from './lib/variants.ts';

const FILE = fileURLToPath(new URL('../baseline.json', import.meta.url));
/** As many as fit into the time of a quick run: only four variants run here. */
const ROUNDS = 5;

const help = `Usage: npm run bench:check [-- --update] [-- --help]

Measures the CPU time of slowpath over that of the application alone and over that of plain OpenTelemetry, as
\`npm run bench:overhead -- --quick\` does, and compares the ratios with bench/baseline.json. Ratios that are worse by more than
${100 * WORSE_SHARE_MAX} % are measured once more, and judged by both measurements together. Takes three minutes, or twice that.

  --update   write what was measured to bench/baseline.json instead
  --help     print this text

Exit codes:
  0    no ratio is worse by more than ${100 * WORSE_SHARE_MAX} %
  1    one is; it is printed
  2    it cannot be run here; the reason is printed
  130  ended by Ctrl-C`;

try {
  const { update, help: helpWanted } = readFlags();
  if (helpWanted) console.log(help);
  else if (update) await writeBaseline();
  else await check();
} catch (error) {
  exitWithReason(error);
}

async function writeBaseline(): Promise<void> {
  const runs = await withBench(steps(1), (bench) => measureRounds(bench, 1));
  writeFileSync(FILE, `${JSON.stringify(baselineOf(runs, process.version), undefined, 2)}\n`);
  console.log(`Written: ${FILE}`);
}

async function check(): Promise<void> {
  const baseline = JSON.parse(readFileSync(FILE, 'utf8')) as Baseline;
  const compare = (runs: readonly AppRun[]): readonly Comparison[] =>
    compareWithBaseline(baselineOf(runs, process.version), baseline);
  const comparisons = await withBench(steps(2), async (bench) => {
    const runs = await measureRounds(bench, 1);
    const first = compare(runs);
    if (!first.some(({ isWorse }) => isWorse)) return first;
    return compare([...runs, ...(await measureRounds(bench, ROUNDS + 1))]);
  });
  const rows = comparisons.map(({ name, measured, expected, isWorse }) => [
    name,
    measured.toFixed(2),
    expected?.toFixed(2) ?? 'none',
    isWorse ? 'WORSE' : '',
  ]);
  console.log(markdownTable(['CPU time over', 'measured', 'baseline', ''], rows));
  const worse = comparisons.filter(({ isWorse }) => isWorse);
  if (worse.length === 0) return;
  console.error(`Worse by more than ${100 * WORSE_SHARE_MAX} %: ${worse.map(({ name }) => name).join('; ')}`);
  process.exitCode = 1;
}

async function measureRounds(bench: Bench, firstRound: number): Promise<readonly AppRun[]> {
  if (firstRound === 1) await seedBench(bench.databaseUrl);
  const names = [NONE, OTEL_PLAIN, SLOWPATH_AUTO, ...(slowpathHasLean() ? [SLOWPATH_LEAN] : [])];
  const variants = VARIANTS.filter(({ name }) => names.includes(name));
  return await runRounds({ ...quick, ...bench, frameworks: FRAMEWORKS, variants, rounds: ROUNDS, firstRound });
}

function steps(times: number): number {
  return times * ROUNDS * (1 + 4 * FRAMEWORKS.length);
}

function readFlags(): { readonly update: boolean; readonly help: boolean } {
  try {
    const { values } = parseArgs({ options: { update: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
    return { update: values.update ?? false, help: values.help ?? false };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentError(`${reason}\nRun \`npm run bench:check -- --help\` for the flags.`, { cause });
  }
}
