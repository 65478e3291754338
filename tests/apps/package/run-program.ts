import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface ProgramResult {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program under test must not take over from the shell, or from npm, that runs the tests. */
const foreign =
  /^(?:OTEL_|SLOWPATH_|NODE_OPTIONS$|NODE_ENV$|VITEST|npm_(?:package|lifecycle)_|npm_config_local_prefix$)/;

/** Runs a program to its end, and resolves whatever its exit code. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: ProgramOptions,
): Promise<ProgramResult> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  const child = spawn(program, args, { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code: child.exitCode, stdout, stderr };
}

/**
 * The same, for what must succeed.
 * @throws {Error} with both streams, if its exit code is not 0.
 */
export async function runSuccessfully(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const result = await runProgram(program, args, options);
  if (result.code === 0) return result;
  throw new Error(`${program} ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
}
