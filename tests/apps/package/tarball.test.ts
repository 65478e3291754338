import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packProject, temporaryFolder } from './packed-package.ts';
import { runProgram, runSuccessfully } from './run-program.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = temporaryFolder();
let tarball: string;

beforeAll(async () => {
  if (!existsSync(`${here}/node_modules/publint`)) {
    throw new Error('tests/apps/package is not installed. Run `npm run test:all`, or `npm ci` in that folder.');
  }
  tarball = await packProject(folder.path);
});
afterAll(() => folder.remove());

describe('the packed package', () => {
  it('passes publint with warnings as errors', async () => {
    const { code, stdout, stderr } = await runTool('publint/src/cli.js', ['run', tarball, '--strict']);
    expect(code, stdout + stderr).toBe(0);
  });

  it('has types that resolve from ES modules and bundlers', async () => {
    const flags = ['--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'];
    const { code, stdout, stderr } = await runTool('@arethetypeswrong/cli/dist/index.js', [tarball, ...flags]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('"slowpath/register"');
  });

  it('holds the built files, what a reader needs beside them, and nothing else', async () => {
    const files = await filesInTarball();
    const isExpected = (file: string): boolean =>
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file) ||
      /^dist\/(?:[\w-]+\/)*[\w-]+\.(?:js|js\.map|d\.ts)$/.test(file);
    const isLeftover = (file: string): boolean => /^dist\/(?:tests|scripts|examples|bench)\/|\.test\./.test(file);
    expect(files.filter((file) => !isExpected(file) || isLeftover(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']));
  });

  it('holds every file that its exports name', async () => {
    const files = await filesInTarball();
    const { exports } = JSON.parse(await readFile(`${here}/../../../package.json`, 'utf8')) as {
      exports: Record<string, string | Record<string, string>>;
    };
    const named = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((file) => !files.includes(file.replace('./', '')))).toEqual([]);
  });
});

async function runTool(script: string, args: readonly string[]): ReturnType<typeof runProgram> {
  return await runProgram(process.execPath, [`${here}/node_modules/${script}`, ...args], { cwd: folder.path });
}

async function filesInTarball(): Promise<string[]> {
  const { stdout } = await runSuccessfully('tar', ['-tzf', tarball], { cwd: folder.path });
  return stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
}
