import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram, runSuccessfully } from './run-program.ts';

/** The least version that slowpath runs on. */
const supported = [22, 15] as const;

/**
 * A Node.js that is too old for slowpath: one that is on PATH, else the npm package `node@20`, installed into `folder`.
 */
export async function findOldNode(folder: string): Promise<string> {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(directory, name);
    if (existsSync(candidate) && (await isTooOld(candidate))) return candidate;
  }
  mkdirSync(folder);
  // npm runs install scripts only of packages that are named; this one's fetches the program.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  await runSuccessfully('npm', ['install', '--no-audit', '--no-fund', 'node@20.20.2'], { cwd: folder });
  return join(folder, 'node_modules/node/bin', name);
}

async function isTooOld(node: string): Promise<boolean> {
  const { code, stdout } = await runProgram(node, ['--version'], { cwd: '.' });
  const [major = 0, minor = 0] = stdout.trim().replace('v', '').split('.').map(Number);
  return code === 0 && (major < supported[0] || (major === supported[0] && minor < supported[1]));
}
