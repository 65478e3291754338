/**
 * Emits `dist/`, which is what `slowpath/register` resolves to, here as in an installed package. Runs after `npm ci` too.
 */
import { execFileSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});

// The development runtime brings 67 MB of C headers that nothing here compiles against.
for (const headers of globSync('node_modules/node/node_modules/node-*/include', { cwd: root })) {
  rmSync(join(root, headers), { recursive: true, force: true });
}
