import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where npm's own words go: to the terminal, or to standard error, when standard output is for results. */
export type NpmOutput = 'inherit' | 'stderr';

/**
 * `npm ci` in a folder that has a package.json and a lockfile of its own, unless the last one was of this very lockfile.
 * Returns false if npm failed, which has said why, or could not be run.
 */
export function installPackages(folder: string, output: NpmOutput = 'inherit'): 'installed' | 'up to date' | false {
  const stamp = join(folder, 'node_modules/.installed-lockfile');
  const lockfiles = ['package.json', 'package-lock.json'].map((name) => readFileSync(join(folder, name)));
  const hash = createHash('sha256').update(Buffer.concat(lockfiles)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return 'up to date';
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: output === 'inherit' ? 'inherit' : ['ignore', 2, 2],
    // npm is a script that only a shell finds on Windows; the arguments are our own.
    shell: process.platform === 'win32',
  });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) return false;
  writeFileSync(stamp, hash);
  return 'installed';
}
