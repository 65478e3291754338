import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSuccessfully } from './run-program.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const programs = fileURLToPath(new URL('programs', import.meta.url));

/** A folder in the system's temporary one. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'slowpath-package-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/**
 * Packs the project into `folder` as `npm publish` would, and returns the tarball's path. Without scripts: `prepare` would
 * build dist/ anew below the feet of tests that run at the same time; the tests' global set-up has built it.
 */
export async function packProject(folder: string): Promise<string> {
  await runSuccessfully('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball, ...others] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined || others.length > 0) throw new Error(`npm pack left no single tarball in ${folder}`);
  return join(folder, tarball);
}

/** Installs the tarball, and nothing else, in the new folder `application`, and puts the programs of the tests there. */
export async function installTarball(
  tarball: string,
  application: string,
  npmFlags: readonly string[] = [],
): Promise<void> {
  mkdirSync(application);
  writeFileSync(join(application, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', ...npmFlags];
  await runSuccessfully('npm', ['install', ...flags, tarball], { cwd: application });
  cpSync(programs, application, { recursive: true });
}
