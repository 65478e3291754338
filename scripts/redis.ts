import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { EnvironmentError } from './lib/environment-error.ts';
import { freePorts } from './lib/free-ports.ts';
import { runAtExit } from './lib/run-at-exit.ts';

const startMsMax = 10_000;
const howToGet =
  'Install it (apt-get install redis-server, brew install redis), or name a server of yours in SLOWPATH_TEST_REDIS_URL.';

/** A Redis to use and to forget. */
export interface Redis {
  /** `redis://host:port`. In a server that was there already, others may have keys: write only under a prefix of your own. */
  readonly url: string;
  /** Of the server that was started for this: to pause, or to kill. */
  readonly pid?: number;
  /** Ends the server if it was started for this. Close your connections first. */
  stop(): Promise<void>;
}

export interface RedisOptions {
  readonly url?: string | undefined;
  /** A free one unless it is given. */
  readonly port?: number;
  /** Further arguments of `redis-server`. */
  readonly args?: readonly string[];
}

/**
 * Gives a Redis server: the one at `url`, or, without a `url`, one that is started on a free port of 127.0.0.1 and keeps
 * nothing on disk. It ends with `stop()` or with this process; only a SIGKILL of this process leaves it running.
 * An empty `url` counts as none, as an environment variable that is set to nothing does.
 * @throws {EnvironmentError} if there is no `redis-server` or it does not start; the message says what to do.
 */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  if (options.url !== undefined && options.url !== '') return { url: options.url, stop: () => Promise.resolve() };
  const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const args = [...own, ...(options.args ?? [])];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
  const keepAtExit = runAtExit(() => server.kill('SIGKILL'));
  try {
    await untilReady(server);
  } catch (error) {
    server.kill('SIGKILL');
    keepAtExit();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    ...(server.pid !== undefined && { pid: server.pid }),
    stop: async () => {
      keepAtExit();
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string, cause?: Error): void => {
      clearTimeout(timer);
      reject(new EnvironmentError(`redis-server ${what}. ${howToGet}`, { cause }));
    };
    const timer = setTimeout(() => fail(`is not ready after ${startMsMax} ms`), startMsMax);
    server.once('error', (cause) => fail('cannot be run', cause));
    server.once('exit', (code) => fail(`ended with ${code}: ${output.trim().split('\n').at(-1) ?? ''}`));
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000);
      if (!output.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
