import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';
import { renderTrace } from '../../testing/render-trace.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** The published entry, by its path: an application below tests/apps/ has no `slowpath` in its own node_modules. */
export const REGISTER = join(ROOT, 'dist/instrumentation/register.js');

/** What the tests' processes must not take over from the shell that runs the tests. */
const CLEAN = /^(?:OTEL_|SLOWPATH_|NODE_OPTIONS$|NODE_ENV$|VITEST)/;

/** `lean` or `auto`: how the applications of a whole test run are instrumented, where their test does not say. */
const MODE = process.env['SLOWPATH_TEST_INSTRUMENTATION'];
const MODE_ENV: Readonly<Record<string, string>> = MODE === undefined ? {} : { SLOWPATH_INSTRUMENTATION: MODE };

export interface AppOptions {
  /** From the root of the repository. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /** False: without slowpath, to compare. */
  readonly withSlowpath?: boolean;
  readonly nodeArgs?: readonly string[];
  /** The Node.js that runs it; that of the tests by default. */
  readonly node?: string;
}

export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly elapsedMs: number;
}

/** An application of the tests in a process of its own, started with the one flag. It prints `listening <port>`. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<Omit<AppExit, 'elapsedMs'>>;
  stdout = '';
  stderr = '';
  #onOutput: (() => void) | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exit = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#onOutput?.();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#onOutput?.();
    });
  }

  static start({
    file,
    env = {},
    withSlowpath = true,
    nodeArgs = [],
    node = process.execPath,
  }: AppOptions): AppProcess {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !CLEAN.test(name)));
    const flags = withSlowpath ? ['--import', REGISTER] : [];
    const child = spawn(node, [...flags, ...nodeArgs, join(ROOT, file)], {
      cwd: ROOT,
      env: { ...inherited, ...MODE_ENV, OTEL_BSP_SCHEDULE_DELAY: '100', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new AppProcess(child);
  }

  /** Resolves when what was printed so far matches; rejects with the output when the process ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match;
      const next = new Promise<'output'>((resolve) => {
        this.#onOutput = () => resolve('output');
      });
      if ((await Promise.race([next, this.#exit])) !== 'output') {
        const late = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (late !== null) return late;
        throw new Error(`the application ended before it printed ${pattern.source}\n${this.stdout}\n${this.stderr}`);
      }
    }
  }

  /** `http://127.0.0.1:<port>`, once it listens. */
  async url(): Promise<string> {
    const [, port] = await this.printed(/listening (\d+)/);
    return `http://127.0.0.1:${port}`;
  }

  /** Sends the signal, or none, and waits for the end. */
  async end(signal?: NodeJS.Signals): Promise<AppExit> {
    const startMs = performance.now();
    if (signal !== undefined) this.#child.kill(signal);
    return { ...(await this.#exit), elapsedMs: performance.now() - startMs };
  }

  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** For `afterEach`: whatever still runs is ended. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Runs the application against a receiver, gives it to `use`, ends it by SIGTERM and returns what was exported. */
export async function runApp(
  options: AppOptions,
  use: (url: string, app: AppProcess) => Promise<void>,
): Promise<{ readonly receiver: OtlpReceiver; readonly app: AppProcess; readonly exit: AppExit }> {
  const receiver = await OtlpReceiver.start();
  const app = AppProcess.start({ ...options, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...options.env } });
  try {
    await use(await app.url(), app);
    const exit = await app.end('SIGTERM');
    return { receiver, app, exit };
  } finally {
    app.kill();
    await receiver.stop();
  }
}

/** Draws received spans: `SERVER GET /users/:id`, `pg: SELECT …`. */
export function drawn(spans: readonly ReceivedSpan[]): string {
  return renderTrace(
    spans.map((span) => {
      const text = span.attributes['db.query.text'];
      const label =
        typeof text === 'string'
          ? `${String(span.attributes['db.system.name'])}: ${text}`
          : `${span.kind} ${span.name}`;
      return { spanId: span.spanId, parentSpanId: span.parentSpanId, label, startMs: span.startMs };
    }),
  );
}

/** The one SERVER span of a trace. */
export function serverSpan(spans: readonly ReceivedSpan[]): ReceivedSpan {
  const [span, ...others] = spans.filter(({ kind }) => kind === 'SERVER');
  if (span === undefined || others.length > 0)
    throw new Error(`expected one SERVER span, found ${others.length + (span ? 1 : 0)}`);
  return span;
}
