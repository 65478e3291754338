import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallSite, DatabaseClient } from '../core/types.ts';
import { isFunctionName, isSourceFile } from './call-site-names.ts';
import type { SourceMaps, SourcePlace } from './call-site-source-map.ts';
import type { StackFrame } from './call-site-stack.ts';

/** Lines of the application that are looked at in one stack. */
export const MAX_LINES = 4;

/** What a stack tells of a call. */
export interface CallPath {
  /** The application's lines, innermost first; at least one. */
  readonly lines: readonly CallSite[];
  /** The outermost ORM or driver between the innermost line and the call. */
  readonly client: DatabaseClient | undefined;
}

/** Finds the application's lines in a stack, innermost frame first; `undefined` when there is none. */
export function readCallPath(
  frames: readonly StackFrame[],
  maps: SourceMaps,
  cwd: string | undefined,
): CallPath | undefined {
  let client: DatabaseClient | undefined;
  const lines: CallSite[] = [];
  for (const frame of frames) {
    const built = toPath(frame.file);
    if (built === undefined || isOurs(built)) continue;
    let library = packageOf(built);
    if (library === undefined) {
      const source = maps.find(built, frame.line, frame.column);
      // A bundle holds libraries too.
      library = source && packageOf(source.file);
      const line = library === undefined ? lineOf(frame, built, source, cwd) : undefined;
      if (line !== undefined) lines.push(line);
    }
    if (lines.length >= MAX_LINES) break;
    if (library !== undefined && lines.length === 0) client = clientNamed(library) ?? client;
  }
  return lines.length === 0 ? undefined : { lines, client };
}

function clientNamed(library: string): DatabaseClient | undefined {
  return CLIENTS[library] ?? (library.startsWith('@mikro-orm/') ? 'mikro-orm' : undefined);
}

/** The file as a finding names it: from the working directory where it lies below it, with `/`. */
export function fromDirectory(file: string, cwd: string | undefined): string {
  if (cwd === undefined || !isAbsolute(file)) return file;
  const below = relative(cwd, file);
  const shown = below === '' || below.startsWith('..') || isAbsolute(below) ? file : below;
  return sep === '/' ? shown : shown.replaceAll(sep, '/');
}

/** `undefined` when it was removed. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

const CLIENTS: Readonly<Record<string, DatabaseClient>> = {
  pg: 'pg',
  'pg-pool': 'pg',
  mysql2: 'mysql2',
  mysql: 'mysql',
  knex: 'knex',
  objection: 'objection',
  'drizzle-orm': 'drizzle',
  sequelize: 'sequelize',
  '@sequelize/core': 'sequelize',
  typeorm: 'typeorm',
  '@prisma/client': 'prisma',
  mongoose: 'mongoose',
  mongodb: 'mongodb',
  ioredis: 'ioredis',
  redis: 'redis',
  '@redis/client': 'redis',
};

/** A path; `undefined` for what is no file: Node's own modules, evaluated code, the prompt. */
function toPath(file: string): string | undefined {
  if (isAbsolute(file)) return file;
  if (!file.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(file);
  } catch {
    // `file://host/a.js`, which an evaluated script may call itself.
    return undefined;
  }
}

/** Greedy: the last `node_modules/` in the path counts, with pnpm the second. */
const PACKAGE = /^(?:.*[\\/])?node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/s;

/** The package that a file belongs to; `undefined` for the application's own. */
function packageOf(file: string): string | undefined {
  return PACKAGE.exec(file)?.[1]?.replace('\\', '/');
}

const OWN_NAMES = ['core', 'sql', 'analysis', 'monitor', 'request', 'processors', 'report', 'instrumentation'];
/** Where this file lies, built or not. A bundle lies anywhere, and then the folders beside it are the application's. */
const OWN_FILE = /^(.*[\\/])request[\\/]call-site-of-stack\.[jt]s$/s;
let ownFolders: readonly string[] | undefined;

function isOurs(file: string): boolean {
  ownFolders ??= findOwnFolders();
  return ownFolders.some((folder) => file.startsWith(folder));
}

function findOwnFolders(): readonly string[] {
  // In a bundle of CommonJS there is no URL.
  const { url } = import.meta as { readonly url?: unknown };
  const path = typeof url === 'string' ? toPath(url) : undefined;
  const root = path === undefined ? undefined : OWN_FILE.exec(path)?.[1];
  return root === undefined ? [] : OWN_NAMES.map((name) => `${root}${name}${sep}`);
}

/** The place in the source or else in the built file; `undefined` when neither looks like a file of code. */
function lineOf(
  { functionName, line, column }: StackFrame,
  built: string,
  source: SourcePlace | undefined,
  cwd: string | undefined,
): CallSite | undefined {
  const places = [...(source === undefined ? [] : [source]), { file: built, line, column }];
  const shown = places
    .map((place) => ({ file: fromDirectory(place.file, cwd), line: place.line, column: place.column }))
    .find(({ file }) => isSourceFile(file));
  if (shown === undefined || functionName === undefined || !isFunctionName(functionName)) return shown;
  return { ...shown, functionName };
}
