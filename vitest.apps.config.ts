import { defineConfig } from 'vitest/config';
import { testReporters } from './scripts/lib/test-reporters.ts';

/** Tests of applications that have packages of their own: `node scripts/test-all.ts` installs them first. */
export default defineConfig({
  test: {
    include: ['tests/apps/*/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    testTimeout: 60_000,
    // Some install a package from the registry.
    hookTimeout: 240_000,
    maxWorkers: 2,
    ...testReporters('apps'),
  },
});
