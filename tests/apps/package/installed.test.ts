import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOldNode } from './old-node.ts';
import { installTarball, packProject, temporaryFolder } from './packed-package.ts';
import { runProgram, type ProgramResult } from './run-program.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
/** The least Node.js that slowpath supports: it has no synchronous module hooks that can be used. */
const leastNode = join(here, 'node_modules/node/bin/node');
/** The project's own: a tool in this folder brings an older one. */
const typescript = join(here, '../../../node_modules/typescript/bin/tsc');
const startLine = /^slowpath: on: [^\n]+\n$/;

const folder = temporaryFolder();
const application = join(folder.path, 'application');
const withoutScripts = join(folder.path, 'without-scripts');
let oldNode: string;

beforeAll(async () => {
  const tarball = await packProject(folder.path);
  await installTarball(tarball, application);
  await installTarball(tarball, withoutScripts, ['--ignore-scripts']);
  oldNode = await findOldNode(join(folder.path, 'old-node'));
});
afterAll(() => folder.remove());

describe('the installed package', () => {
  it('brings the API of OpenTelemetry along, once', () => {
    const copies = readdirSync(join(application, 'node_modules'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => /(?:^|[\\/])@opentelemetry[\\/]api$/.test(path),
    );
    expect(copies).toEqual([join('@opentelemetry', 'api')]);
  });

  it.each(['imports.mjs', 'imports.cjs'])('gives what it exports to %s, and starts nothing by that', async (file) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [file], { cwd: application });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const said = JSON.parse(stdout) as Record<string, unknown>;
    expect(said).toMatchObject({ requestCount: 0, queryAnalyzer: 'object', start: 'function', processor: 'function' });
    expect(said['analysisExports']).toBeGreaterThan(0);
  });

  it('has types that a strict TypeScript program compiles against', async () => {
    // Under another name in the repository, whose own check would look for an installed slowpath.
    copyFileSync(join(application, 'consumer.ts.txt'), join(application, 'consumer.mts'));
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    const result = await runProgram(process.execPath, [typescript, ...flags, '--lib', 'es2024,dom', 'consumer.mts'], {
      cwd: application,
    });
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe.each([
  ['this Node.js, an ES module', () => process.execPath, () => application, 'server.mjs'],
  ['this Node.js, CommonJS', () => process.execPath, () => application, 'server.cjs'],
  [
    'this Node.js, an ES module, installed without install scripts',
    () => process.execPath,
    () => withoutScripts,
    'server.mjs',
  ],
  [
    'this Node.js, CommonJS, installed without install scripts',
    () => process.execPath,
    () => withoutScripts,
    'server.cjs',
  ],
  ['Node.js 22.15, an ES module', () => leastNode, () => application, 'server.mjs'],
  ['Node.js 22.15, CommonJS', () => leastNode, () => application, 'server.cjs'],
])('an application under --import slowpath/register: %s', (_name, node, cwd, file) => {
  let result: ProgramResult;

  beforeAll(async () => {
    result = await runRegistered(node(), cwd(), file);
  });

  it('ends by itself with exit code 0, and slowpath says one line', () => {
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toMatch(startLine);
  });

  it('has one SERVER span for its one request, and a CLIENT span from a function that it imported by name', () => {
    // As the console exporter prints spans; the numbers are those of SpanKind in OpenTelemetry's API.
    const kinds = [...result.stdout.matchAll(/^\s+kind: (\d),$/gm)].map(([, kind]) => Number(kind));
    expect(kinds.toSorted()).toEqual([1, 2]);
  });
});

describe('Node.js that is too old', () => {
  it('runs the application untouched, with its own exit code, and slowpath says one line', async () => {
    const { stdout: version } = await runProgram(oldNode, ['--version'], { cwd: application });
    const result = await runRegistered(oldNode, application, 'exit-code-3.mjs');
    expect(result).toEqual({
      code: 3,
      stdout: 'the application ran\n',
      stderr: expect.stringMatching(/^slowpath: not started: [^\n]+\n$/) as string,
    });
    expect(result.stderr).toContain(version.trim().replace('v', ''));
    expect(result.stderr).toContain('22.15');
  });

  it('serves requests as if slowpath was not there', async () => {
    const result = await runRegistered(oldNode, application, 'server.cjs');
    expect(result).toMatchObject({ code: 0, stdout: '' });
  });
});

async function runRegistered(node: string, cwd: string, file: string): Promise<ProgramResult> {
  const env = { OTEL_TRACES_EXPORTER: 'console' };
  return await runProgram(node, ['--import', 'slowpath/register', file], { cwd, env });
}
