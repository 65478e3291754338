import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Emits `dist/`, which child processes run, when it is older than the sources. What the compiler says goes to standard error. */
export function buildIfStale(): void {
  if (isDistStale()) execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: ['ignore', 2, 2] });
}

function isDistStale(): boolean {
  const modifiedMs = (file: string): number => statSync(join(root, file)).mtimeMs;
  const built = globSync('dist/**/*.js', { cwd: root }).map(modifiedMs);
  const folders = 'cache,core,sql,analysis,monitor,request,processors,report,instrumentation,testing';
  const sources = globSync(['index.ts', `{${folders}}/**/*.ts`], { cwd: root });
  return built.length === 0 || Math.min(...built) < Math.max(...sources.map(modifiedMs));
}
