/** `npm run bench:overhead`: what slowpath and others cost the process that they run in, side by side. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAtExit } from '../../scripts/lib/run-at-exit.ts';
import { type Bench, type Machine, withBench } from './lib/bench.ts';
import { demoTable, measureDemo } from './lib/demo.ts';
import { exitWithReason } from './lib/exit-with-reason.ts';
import { featureVariants } from './lib/features.ts';
import { headToHead } from './lib/head-to-head.ts';
import { CONNECTIONS } from './lib/load.ts';
import type { AppRun } from './lib/measure-app.ts';
import { type Options, readOptions } from './lib/options.ts';
import { requestCounts, ROUTES } from './lib/routes.ts';
import { runRounds } from './lib/run-rounds.ts';
import { seedBench } from './lib/seed.ts';
import { slowpathHasLean } from './lib/slowpath-has-lean.ts';
import { median } from './lib/statistics.ts';
import { summarize } from './lib/summarize.ts';
import { duelTables, summaryTables } from './lib/tables.ts';
import { NONE, NONE_AGAIN, SLOWPATH_AUTO, SLOWPATH_LEAN, type Variant, VARIANTS } from './lib/variants.ts';

const help = `Usage: npm run bench:overhead [-- flags]

Runs an Express 5 and a Fastify 5 application on a real PostgreSQL, alone and under each tool, and prints the CPU time that
each tool adds to a request, with all that it sends sent. What arrives is counted, so that nobody wins by dropping spans.

  --quick             few requests and rounds: within three minutes. Without it: some 25 minutes
  --rounds N          how often every variant is run; 5, with --quick 2
  --scale X           the number of requests; 1, with --quick 0.2
  --variants a,b      of ${VARIANTS.map(({ name }) => name).join(', ')}; none is always run
  --framework NAME    express or fastify; both without it
  --features          what it costs to turn each thing of slowpath on
  --demo              what slowpath adds to the response times of examples/demo, in %
  --json              print one JSON document on standard output, and nothing else there
  --help              print this text

Environment:
  DATABASE_URL   a PostgreSQL server to use instead of the embedded one; a database of our own is made in it, and dropped
  NO_COLOR       set to anything: no colours (the output has none)

Exit codes:
  0    it was measured
  2    it cannot be run here, or a flag is wrong; the reason is printed
  130  ended by Ctrl-C`;

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(help);
  else if (options.mode === 'demo') await runDemo(options);
  else await runTable(options);
} catch (error) {
  exitWithReason(error);
}

async function runTable(options: Options): Promise<void> {
  const steps = options.rounds * (1 + options.frameworks.length * VARIANTS.length);
  const { machine, variants, hasLean, runs } = await withBench(steps, async (bench) => {
    await seedBench(bench.databaseUrl);
    const hasLean = slowpathHasLean();
    const variants = variantsOf(options, hasLean);
    return { machine: bench.machine, variants, hasLean, runs: await runRounds({ ...options, variants, ...bench }) };
  });
  const summaries = summarize(runs, variants);
  const peers = variants.map(({ name }) => name).filter((name) => name !== NONE && name !== NONE_AGAIN);
  const duels = [SLOWPATH_LEAN, SLOWPATH_AUTO].flatMap((name) =>
    headToHead(
      runs,
      name,
      peers.filter((peer) => peer !== name),
    ),
  );
  if (options.json) {
    const { scale, mode } = options;
    const routes = ROUTES.map((route) => ({
      name: route.name,
      queries: route.queries,
      ...requestCounts(route, scale),
    }));
    const setup = { mode, machine, scale, connections: CONNECTIONS, routes, hasLean };
    console.log(JSON.stringify({ schemaVersion: 1, ...setup, summaries, duels, runs }, undefined, 2));
    return;
  }
  const sections = [setupText(runs, options.scale, machine), variantsText(variants), summaryTables(summaries)];
  if (!hasLean && options.mode === 'variants' && options.variants.includes(SLOWPATH_LEAN)) {
    sections.push(
      `${SLOWPATH_LEAN} is not in the tables: this build of slowpath has only the official instrumentations.`,
    );
  }
  if (duels.length > 0) {
    sections.push(
      'Rounds in which the first took less CPU time than the second, and what the first adds over what the second adds:',
      duelTables(duels),
    );
  }
  console.log(sections.join('\n\n'));
}

function variantsOf(options: Options, hasLean: boolean): readonly Variant[] {
  if (options.mode === 'features') return featureVariants(hasLean ? 'lean' : 'auto', temporaryFolder());
  return VARIANTS.filter(({ name }) => options.variants.includes(name) && (hasLean || name !== SLOWPATH_LEAN));
}

async function runDemo({ json, rounds }: Options): Promise<void> {
  const { machine, result } = await withBench(rounds + 3, async (bench: Bench) => ({
    machine: bench.machine,
    result: await measureDemo(bench, slowpathHasLean(), rounds),
  }));
  if (json) console.log(JSON.stringify({ schemaVersion: 1, mode: 'demo', machine, ...result }, undefined, 2));
  else console.log(`${machineText(machine)}\n\n${demoTable(result)}`);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slowpath-bench-'));
  runAtExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function setupText(runs: readonly AppRun[], scale: number, machine: Machine): string {
  const rounds = Math.max(0, ...runs.map(({ round }) => round));
  const loads = runs.map(({ loadAverage }) => loadAverage);
  const [least, middle, most] = [Math.min(...loads), median(loads), Math.max(...loads)].map((load) => load.toFixed(1));
  const counts = ROUTES.map((route) => {
    const { warmUp, measured } = requestCounts(route, scale);
    return `${route.name} ${measured} after ${warmUp}`;
  });
  return [
    machineText(machine),
    `load average of the machine ${least} to ${most}, median ${middle}; the load that this puts on it is about 2`,
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${CONNECTIONS} connections, requests per run after those that warm up: ${counts.join(', ')}`,
    'By route: microseconds of CPU per request (user and system time of the whole process, sending included), of none in all, of the',
    'others what is added to none in the same round: median ±median absolute deviation (spans received per request).',
  ].join('\n');
}

function machineText({ node, cpu, cores, pinning, database }: Machine): string {
  return `Node.js ${node} · ${cores} × ${cpu} · ${pinning} · ${database}`;
}

function variantsText(variants: readonly Variant[]): string {
  return variants.flatMap(({ name, title }) => (title === '' ? [] : `- ${name}: ${title}`)).join('\n');
}
