/**
 * The second half of `npm run test:all`, after `npm test`: its tests of instrumentation through the lean path, applications
 * with packages of their own, and the real pipeline.
 * Goes on after a failure, so that every part reports; ends with exit code 1 if one failed.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './lib/install-packages.ts';

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
runPart('lean path', () => vitestPasses('vitest.lean.config.ts'));
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

function installed(folder: string): boolean {
  const outcome = installPackages(folder);
  if (outcome === 'up to date') console.log(outcome);
  return outcome !== false;
}

function vitestPasses(config: string): boolean {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config];
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}
