import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../support/app-process.ts';
import { describeOrm } from '../../support/orm-contract.ts';

// Built here, by the compiler that the repository has, so that the lines it names have gone through a source map.
execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tests/apps/drizzle'], {
  cwd: ROOT,
  stdio: 'inherit',
});

describeOrm({
  name: 'Drizzle, TypeScript with source maps',
  file: 'tests/apps/drizzle/dist/app.mjs',
  sources: ['tests/apps/drizzle/src/app.mts', 'tests/apps/drizzle/src/lookups.mts'],
  nodeArgs: ['--enable-source-maps'],
});
