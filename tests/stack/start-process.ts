import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { runAtExit } from '../../scripts/lib/run-at-exit.ts';
import { until } from './until.ts';

const stopMsMax = 15_000;
const outputCharactersMax = 200_000;

/** A process of a test; it does not outlive the test's own. */
export interface StartedProcess {
  /** What it has written to both streams so far, in the order of arrival. */
  readonly output: () => string;
  readonly hasEnded: () => boolean;
  /** Sends SIGTERM, waits until it has ended and all its output is read, and resolves with its exit code (null: by the signal). */
  stop(): Promise<number | null>;
}

export interface ProcessOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts a program; waits for nothing. */
export function startProcess(program: string, { args, cwd, env }: ProcessOptions): StartedProcess {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let ended = false;
  const closed = once(child, 'close');
  // A program that cannot be started says so in its output, where whoever waits for it looks.
  closed.catch((error: unknown) => (output += String(error))).finally(() => (ended = true));
  const keepAtExit = runAtExit(() => child.kill('SIGKILL'));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-outputCharactersMax)));
  }
  return {
    output: () => output,
    hasEnded: () => ended,
    async stop() {
      child.kill('SIGTERM');
      try {
        await until('a process to end after SIGTERM', () => ended || undefined, { deadlineMs: stopMsMax });
      } finally {
        child.kill('SIGKILL');
        keepAtExit();
      }
      return child.exitCode;
    },
  };
}

/**
 * Asks `url` until it answers with success.
 * @throws {Error} with the last of the process's output, if the process ends first or takes too long.
 */
export async function untilAnswers(started: StartedProcess, url: string): Promise<void> {
  const lastOutput = (): string => started.output().slice(-3000);
  await until(
    `an answer from ${url}`,
    async () => {
      if (started.hasEnded()) throw new Error(`The process behind ${url} has ended:\n${lastOutput()}`);
      const response = await fetch(url).catch(() => undefined);
      await response?.arrayBuffer();
      return response?.ok === true ? true : undefined;
    },
    { state: lastOutput },
  );
}
