/** `npm run demo`: runs the service in examples/demo with its planted problems, then fixed, and shows what slowpath found. */
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EXPECTED } from '../examples/demo/expected.ts';
import { addMissingIndex, seed, type Seeded } from '../examples/demo/seed.ts';
import { compareText } from '../report/compare.ts';
import { reportText } from '../report/text.ts';
import { startDemoApp } from './lib/demo-app.ts';
import { REQUESTS_PER_RUN, sendDemoRequests, WARM_UP_PER_ENDPOINT } from './lib/demo-requests.ts';
import { EnvironmentError } from './lib/environment-error.ts';
import { findCollector } from './lib/find-collector.ts';
import { showCacheDemo } from './lib/show-cache-demo.ts';
import { withDemoDatabase } from './lib/with-demo-database.ts';
import { type DemoRun, judgeDemo, verdictLines } from './lib/judge-demo.ts';
import { type Progress, startProgress } from './lib/progress.ts';
import { toReportInput } from './lib/report-input-from-json.ts';

const help = `Usage: npm run demo [-- --json] [-- --help]

Starts a small meetings service with planted performance problems under slowpath, sends it a fixed set of requests and
prints the report. Then fixes the problems, repeats the requests and prints both side by side. Takes half a minute, works
offline, and leaves nothing behind.

  --cache  the service without and with a cache instead, on the same requests: hit rates, response times, time in queries
  --json   print one JSON document on standard output, and nothing else there
  --help   print this text

Environment:
  DATABASE_URL                 a PostgreSQL server to use instead of the embedded one; the demo makes a database of its own in it
  DEMO_PORT, PORT              the port of the service; without them, any that is free
  OTEL_EXPORTER_OTLP_ENDPOINT  where traces go if something listens there; http://localhost:4318 if not set
  NO_COLOR                     set to anything: no colours

Exit codes:
  0    the report says what was planted, and nothing else
  1    the report differs from what was planted, or the cache from what it promises; the differences are printed
  2    the demo cannot run here; the reason is printed
  130  ended by Ctrl-C`;

const phaseCount = 7;

interface DemoResult {
  readonly planted: DemoRun;
  readonly fixed: DemoRun;
  readonly seeded: Seeded;
  readonly fixedQueryMs: number;
  readonly collectorUrl: string | undefined;
}

try {
  const { json, cache, help: helpWanted } = readFlags();
  if (helpWanted) console.log(help);
  else {
    expectBuild();
    await (cache ? showCacheDemo(json) : main(json));
  }
} catch (error) {
  const isExplained = error instanceof EnvironmentError;
  console.error(isExplained ? error.message : error);
  // Through process.exit, because a server or a child that is left from a failed phase would keep this process alive.
  process.exit(2);
}

function expectBuild(): void {
  if (existsSync(fileURLToPath(new URL('../dist/instrumentation/register.js', import.meta.url)))) return;
  throw new EnvironmentError(
    'slowpath is not built: dist/instrumentation/register.js is missing. Run `npm run build`.',
  );
}

async function main(json: boolean): Promise<void> {
  const port = await readPort();
  const progress = startProgress(phaseCount + 2 * REQUESTS_PER_RUN);
  const result = await runDemo(port, progress).finally(() => progress.end());
  const verdict = judgeDemo(EXPECTED, result.planted, result.fixed);
  if (json) {
    const { planted, fixed, ...facts } = result;
    const loadGenerator = { warmUpPerEndpoint: WARM_UP_PER_ENDPOINT, before: planted.load, after: fixed.load };
    const document = {
      before: planted.report,
      after: fixed.report,
      expected: EXPECTED,
      verdict,
      loadGenerator,
      ...facts,
    };
    console.log(JSON.stringify({ schemaVersion: 1, ...document }, undefined, 2));
  } else {
    console.log(resultText(result, verdictLines(verdict)));
  }
  process.exitCode = verdict.asPlanted ? 0 : 1;
}

async function runDemo(port: number, progress: Progress): Promise<DemoResult> {
  const collectorUrl = await findCollector(process.env);
  progress.phase('Starting PostgreSQL');
  return await withDemoDatabase(async (databaseUrl, folder) => {
    const run = async (variant: 'planted' | 'fixed'): Promise<DemoRun> => {
      progress.phase(`Starting the service (${variant})`);
      const reportFile = join(folder, `${variant}.json`);
      const app = await startDemoApp({ variant, databaseUrl, port, reportFile, collectorUrl });
      progress.phase(`Sending ${REQUESTS_PER_RUN} requests (${variant})`);
      const load = await sendDemoRequests(app.url, () => progress.step());
      return { load, report: await app.stopAndReadReport() };
    };

    progress.phase('Seeding the database, until a query without an index is slow');
    const seeded = await seed(databaseUrl);
    const planted = await run('planted');
    progress.phase('Creating the missing index');
    const { fixedQueryMs } = await addMissingIndex(databaseUrl);
    const fixed = await run('fixed');
    return { planted, fixed, seeded, fixedQueryMs, collectorUrl };
  });
}

function resultText({ planted, fixed, seeded, fixedQueryMs, collectorUrl }: DemoResult, verdict: string[]): string {
  const color = process.stdout.isTTY && !process.env['NO_COLOR'];
  const traces =
    collectorUrl === undefined
      ? 'Traces were sent nowhere: nothing listens for them (OTEL_EXPORTER_OTLP_ENDPOINT, or http://localhost:4318).'
      : `Traces were sent to ${collectorUrl}; the service is slowpath-demo.`;
  return [
    'The service with its planted problems, started with: node --import slowpath/register examples/demo/app.ts',
    '',
    reportText(toReportInput(planted.report), { color }),
    `The same requests after the fixes of examples/demo/endpoints/fixed.ts, and an index: the slow query on ` +
      `${seeded.usageRows.toLocaleString('en')} rows took ${seeded.slowQueryMs.toFixed(0)} ms, now ${fixedQueryMs.toFixed(1)} ms.`,
    '',
    compareText(planted.report, fixed.report, { color }),
    `Of the requests, ${WARM_UP_PER_ENDPOINT} to each endpoint are warm-up. ${traces}`,
    ...verdict,
  ].join('\n');
}

function readFlags(): { readonly json: boolean; readonly cache: boolean; readonly help: boolean } {
  try {
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({ options: { json: flag, cache: flag, help: { ...flag, short: 'h' } } }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentError(`${reason}\nRun \`npm run demo -- --help\` for the flags.`, { cause });
  }
}

/** The port that the environment asks for, if it is free; 0 for any. Asked before anything is started. */
async function readPort(): Promise<number> {
  const [name, value] = process.env['DEMO_PORT']
    ? ['DEMO_PORT', process.env['DEMO_PORT']]
    : ['PORT', process.env['PORT']];
  if (!value) return 0;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new EnvironmentError(
      `${name}="${value}" is no port. Write a whole number up to 65535, or unset it for any that is free.`,
    );
  }
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch (cause) {
    const reason =
      cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
        ? 'is taken'
        : `cannot be used (${String(cause)})`;
    throw new EnvironmentError(
      `Port ${port} (${name}) ${reason}. Name another one, or unset ${name} for any that is free.`,
      { cause },
    );
  }
  probe.close();
  await once(probe, 'close');
  return port;
}
