/** `node scripts/collector-binaries.ts` builds the Collector and Jaeger where they are missing, and prints their paths. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EnvironmentError } from './lib/environment-error.ts';

/** Paths of two programs that run here. */
export interface CollectorBinaries {
  readonly otelcol: string;
  readonly jaeger: string;
}

interface Program {
  readonly name: keyof CollectorBinaries;
  /** The variable that names a program to use instead. */
  readonly variable: string;
  /** The folder of its Go module, and the package in it. */
  readonly module: string;
  readonly package: string;
}

const otelcol: Program = {
  name: 'otelcol',
  variable: 'SLOWPATH_OTELCOL_BIN',
  module: modulePath('collector'),
  package: '.',
};
const jaeger: Program = {
  name: 'jaeger',
  variable: 'SLOWPATH_JAEGER_BIN',
  module: modulePath('jaeger'),
  package: 'github.com/jaegertracing/jaeger/cmd/jaeger',
};

const buildFlags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w'];
const buildMsMax = 45 * 60_000;
const run = promisify(execFile);

/**
 * The Collector and Jaeger that collector-config/build pins: from SLOWPATH_OTELCOL_BIN and SLOWPATH_JAEGER_BIN, else from
 * the cache folder, else built into it with a line on standard error (once, 5 to 10 minutes on two cores).
 * @throws {EnvironmentError} if a variable names no program, Go is missing, or a build fails; the message says what to do.
 */
export async function collectorBinaries(environment: NodeJS.ProcessEnv = process.env): Promise<CollectorBinaries> {
  // One after the other: each build takes all cores, and 3 GB of memory when both compile at once.
  return { otelcol: await binaryOf(otelcol, environment), jaeger: await binaryOf(jaeger, environment) };
}

async function binaryOf(program: Program, environment: NodeJS.ProcessEnv): Promise<string> {
  const named = environment[program.variable];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    throw new EnvironmentError(
      `${program.variable}="${named}" is no program that can be run. Name one, or unset it to have ${program.name} built.`,
    );
  }
  const folder = join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'slowpath', 'bin');
  const path = join(folder, `${program.name}-${await buildKey(program)}`);
  if (await isExecutable(path)) return path;
  await build(program, folder, path);
  return path;
}

/** Equal keys mean equal binaries: the hash of the module's files, the Go version, the platform and the flags. */
async function buildKey(program: Program): Promise<string> {
  const names = (await readdir(program.module)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name)).toSorted();
  const hash = createHash('sha256');
  for (const name of names) {
    const text = await readFile(join(program.module, name));
    hash.update(`${name} ${text.length}\n`).update(text);
  }
  hash.update(await go(program, ['env', 'GOVERSION', 'GOOS', 'GOARCH', 'GOAMD64', 'GOARM64', 'CGO_ENABLED']));
  hash.update(JSON.stringify([buildFlags, program.package]));
  return hash.digest('hex').slice(0, 16);
}

async function build(program: Program, folder: string, path: string): Promise<void> {
  process.stderr.write(`Building ${program.name} into ${folder} (once, 2 to 5 minutes on two cores) …\n`);
  await mkdir(folder, { recursive: true });
  // Renamed when it is complete: an interrupted build leaves nothing that looks like a program, and two at once do no harm.
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await go(program, ['build', ...buildFlags, '-o', unfinished, program.package]);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function go(program: Program, args: readonly string[]): Promise<string> {
  try {
    // In the module's folder, where go.mod says which Go it wants.
    const { stdout } = await run('go', args, { cwd: program.module, timeout: buildMsMax, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    const wayOut = `or set ${otelcol.variable} and ${jaeger.variable} to programs that you have already`;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      const message = `${program.name} is to be built and there is no Go. Install Go 1.26 (https://go.dev/dl/), ${wayOut}.`;
      throw new EnvironmentError(message, { cause });
    }
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    const lastLines = output.trim().split('\n').slice(-12).join('\n  ');
    throw new EnvironmentError(
      `\`go ${args[0]}\` failed in ${program.module}:\n  ${lastLines}\nRepair it, ${wayOut}.`,
      { cause },
    );
  }
}

function modulePath(name: string): string {
  return fileURLToPath(new URL(`../collector-config/build/${name}`, import.meta.url));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // Missing or not executable: for the caller the same.
  }
}

if (import.meta.main) {
  try {
    const binaries = await collectorBinaries();
    console.log(`otelcol: ${binaries.otelcol}\njaeger: ${binaries.jaeger}`);
  } catch (error) {
    console.error(error instanceof EnvironmentError ? error.message : error);
    process.exitCode = error instanceof EnvironmentError ? 2 : 1;
  }
}
