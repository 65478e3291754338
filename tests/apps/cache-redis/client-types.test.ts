import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../support/app-process.ts';

it('the types of ioredis and node-redis fit redisStore, whatever their settings', () => {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', 'tests/apps/cache-redis'], { cwd: ROOT });
  expect(stdout.toString()).toBe('');
  expect(status).toBe(0);
}, 60_000);
