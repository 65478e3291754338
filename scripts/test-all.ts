/**
 * The second half of `npm run test:all`, after `npm test`: applications with packages of their own, and the real pipeline.
 * Goes on after a failure, so that every part reports; ends with exit code 1 if one failed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

interface PartResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

const results: PartResult[] = [];
for (const lockfile of globSync('tests/apps/*/package-lock.json', { cwd: root }).toSorted()) {
  const folder = dirname(lockfile);
  runPart(`install ${folder}`, () => installed(join(root, folder)));
}
runPart('applications', () => vitestPasses('vitest.apps.config.ts'));
runPart('stack', () => vitestPasses('vitest.stack.config.ts'));

console.log();
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

function runPart(name: string, passes: () => boolean): void {
  console.log(`\n== ${name}`);
  const startMs = performance.now();
  const passed = passes();
  results.push({ name, passed, seconds: (performance.now() - startMs) / 1000 });
}

/** `npm ci`, unless the last one was of this very lockfile. */
function installed(folder: string): boolean {
  const stamp = join(folder, 'node_modules/.installed-lockfile');
  const lockfiles = ['package.json', 'package-lock.json'].map((name) => readFileSync(join(folder, name)));
  const hash = createHash('sha256').update(Buffer.concat(lockfiles)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    console.log('up to date');
    return true;
  }
  // npm is a script that only a shell finds on Windows; the arguments are our own.
  const shell = process.platform === 'win32';
  const passed = succeeds('npm', ['ci', '--no-audit', '--no-fund'], folder, shell);
  if (passed) writeFileSync(stamp, hash);
  return passed;
}

function vitestPasses(config: string): boolean {
  return succeeds(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config], root);
}

function succeeds(program: string, args: readonly string[], cwd: string, shell = false): boolean {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit', shell });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}
