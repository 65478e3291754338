import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Runtime {
  readonly name: string;
  readonly node: string;
  readonly nodeArgs: readonly string[];
}

const packages = join(import.meta.dirname, 'node_modules');

/** The Node.js of the tests, the lowest supported one and the newest; on Linux with x64 alone, for which they come as packages. */
export const runtimes: readonly Runtime[] = [
  { name: process.version, node: process.execPath, nodeArgs: [] },
  {
    name: `${process.version} without AsyncContextFrame`,
    node: process.execPath,
    nodeArgs: ['--no-async-context-frame'],
  },
  ...[22, 26].map((major) => ({
    name: `Node.js ${major}`,
    node: join(packages, `node-${major}/bin/node`),
    nodeArgs: [] as readonly string[],
  })),
].filter(({ node }) => existsSync(node));
