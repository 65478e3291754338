import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../report/json.ts';
import { EnvironmentError } from './environment-error.ts';
import { parseReport } from './report-input-from-json.ts';
import { runAtExit } from './run-at-exit.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const startMsMax = 20_000;
const stopMsMax = 15_000;
const stderrCharactersMax = 20_000;

export interface DemoAppOptions {
  readonly variant: 'planted' | 'fixed' | 'cached';
  readonly databaseUrl: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where its report is to be written. */
  readonly reportFile: string;
  /** The Collector to send traces to; `undefined` if there is none. */
  readonly collectorUrl: string | undefined;
}

export interface DemoApp {
  readonly url: string;
  /** Asks the application to end, as an orchestrator does, and reads the report that it leaves. */
  stopAndReadReport(): Promise<Report>;
}

/**
 * Starts the demo's service in a process of its own, as its users start theirs: `node --import slowpath/register app.ts`.
 * The process is ended with this one, if nothing ends it before; only a SIGKILL of this one leaves it running.
 * @throws {EnvironmentError} if it does not start, with its own words.
 */
export async function startDemoApp(options: DemoAppOptions): Promise<DemoApp> {
  const child = spawn(process.execPath, ['--import', 'slowpath/register', 'examples/demo/app.ts'], {
    cwd: repository, // from here, slowpath is the package of this repository
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal reaches this process alone, which then ends the application before its report is half-written.
    detached: true,
    windowsHide: true,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-stderrCharactersMax)));
  const keepAtExit = runAtExit(() => {
    child.kill('SIGKILL');
    rmSync(options.reportFile, { force: true });
  });
  const url = await untilReady(child);
  if (url === undefined) {
    child.kill('SIGKILL');
    keepAtExit();
    const lastLines = errors.trim().split('\n').slice(-12).join('\n  ');
    throw new EnvironmentError(`The demo's service did not start:\n  ${lastLines}`);
  }
  return {
    url,
    stopAndReadReport: async () => {
      await endBySigterm(child);
      try {
        return parseReport(readFileSync(options.reportFile, 'utf8'));
      } catch (cause) {
        throw new Error(`The demo's service left no report that can be read. It wrote:\n${errors}`, { cause });
      } finally {
        keepAtExit();
        rmSync(options.reportFile, { force: true });
      }
    },
  };
}

/**
 * The environment without the settings of somebody else's session: the demo must find the same everywhere.
 * Where traces are sent, and how, stays the reader's to say.
 */
function environmentOf({ variant, databaseUrl, port, reportFile, collectorUrl }: DemoAppOptions): NodeJS.ProcessEnv {
  const isForeign = (name: string): boolean =>
    name.startsWith('SLOWPATH_') ||
    (name.startsWith('OTEL_') && !name.startsWith('OTEL_EXPORTER_OTLP_')) ||
    ['NODE_OPTIONS', 'NODE_ENV', 'DEBUG'].includes(name);
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name))),
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    DEMO_VARIANT: variant,
    OTEL_SERVICE_NAME: 'slowpath-demo',
    SLOWPATH_REPORT: 'json',
    SLOWPATH_REPORT_FILE: reportFile,
    ...(collectorUrl === undefined && { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }),
  };
}

/** The URL in the line that the service prints when it takes requests; `undefined` if it ends first, or takes too long. */
export async function untilReady(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const lines = createInterface({ input: child.stdout });
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), startMsMax);
    lines.on('line', (line) => {
      const url = /listening on (http:\/\/\S+)/.exec(line)?.[1];
      if (url !== undefined) done(url);
    });
    child.once('error', () => done(undefined));
    // 'close' and not 'exit': by then all that it wrote has been read.
    child.once('close', () => done(undefined));
    function done(url: string | undefined): void {
      clearTimeout(timer);
      resolve(url);
    }
  });
}

async function endBySigterm(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const tooLate = new AbortController();
  const killer = sleep(stopMsMax, undefined, { signal: tooLate.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined, // aborted: it ended in time
  );
  await closed;
  tooLate.abort();
  await killer;
}
