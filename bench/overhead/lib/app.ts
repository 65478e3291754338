import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../../scripts/lib/environment-error.ts';
import { runAtExit } from '../../../scripts/lib/run-at-exit.ts';
import { nextMessage } from './next-message.ts';
import type { Framework } from './routes.ts';
import type { Variant } from './variants.ts';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const STDERR_CHARACTERS_MAX = 20_000;

/** What the process has used since it started. */
export interface Usage {
  /** User and system time of all its threads, microseconds (getrusage). */
  readonly cpuUs: number;
  /** Resident set, bytes. */
  readonly rssBytes: number;
}

interface Listening extends Usage {
  readonly port: number;
  /** Milliseconds since the process began. */
  readonly startMs: number;
}

export interface AppOptions {
  readonly framework: Framework;
  readonly variant: Variant;
  readonly databaseUrl: string;
  readonly sinkUrl: string;
  /** What comes before the command: see pinning.ts. */
  readonly prefix: readonly string[];
}

/** One application in a process of its own, under one tool. It ends with this process. */
export class App {
  readonly #child: ChildProcess;
  readonly #keepAtExit: () => void;
  readonly listening: Listening;
  /** The last lines that it wrote on standard error. */
  readonly lastWords: () => string;

  private constructor(child: ChildProcess, listening: Listening, keepAtExit: () => void, lastWords: () => string) {
    this.#child = child;
    this.listening = listening;
    this.#keepAtExit = keepAtExit;
    this.lastWords = lastWords;
  }

  /** @throws {EnvironmentError} if it does not listen, with its own words. */
  static async start({ framework, variant, databaseUrl, sinkUrl, prefix }: AppOptions): Promise<App> {
    const flags = variant.preload === undefined ? [] : ['--import', variant.preload];
    const command = [...prefix, process.execPath, ...flags, `bench/overhead/apps/${framework}.mjs`];
    const child = spawn(command[0] ?? '', command.slice(1), {
      cwd: REPOSITORY, // from here, slowpath is the package of this repository
      env: { ...environmentOf(variant, sinkUrl), DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    });
    const lastWords = keepLastWords(child);
    const keepAtExit = runAtExit(() => child.kill('SIGKILL'));
    try {
      return new App(child, await nextMessage<Listening>(child), keepAtExit, lastWords);
    } catch (cause) {
      child.kill('SIGKILL');
      keepAtExit();
      const message = `The ${framework} application did not start under ${variant.name}: ${lastWords()}`;
      throw new EnvironmentError(message, { cause });
    }
  }

  async usage(): Promise<Usage> {
    const answer = nextMessage<Usage>(this.#child);
    this.#child.send('usage');
    return await answer;
  }

  /** At once: what was measured has been sent by then. */
  async end(): Promise<void> {
    this.#keepAtExit();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}

/** The environment without the settings of somebody else's session, and with what sends the tool to the sink. */
export function environmentOf(variant: Variant, sinkUrl: string): NodeJS.ProcessEnv {
  const isForeign = (name: string): boolean => /^(?:SLOWPATH_|OTEL_|DD_|PG|NODE_OPTIONS$|NODE_ENV$|DEBUG$)/.test(name);
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name))),
    NODE_ENV: 'production',
    OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl,
    DD_TRACE_AGENT_URL: sinkUrl,
    ...variant.env,
  };
}

/** What a process last wrote on standard error, for when it is asked for. */
export function keepLastWords(child: ChildProcess): () => string {
  let errors = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (errors = (errors + text).slice(-STDERR_CHARACTERS_MAX)));
  return () => {
    const lines = errors.trim().split('\n').slice(-12);
    return errors.trim() === '' ? 'it wrote nothing' : `it wrote\n  ${lines.join('\n  ')}`;
  };
}
