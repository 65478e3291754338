import { defineConfig } from 'vitest/config';
import { testReporters } from './scripts/lib/test-reporters.ts';

/** What `npm test` runs: everything that needs no installation beyond the root's. */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/apps/**', 'tests/stack/**'],
    globalSetup: ['tests/support/global-setup.ts'],
    ...testReporters('unit'),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Child processes and a database share two cores with the workers on small machines.
    maxWorkers: 2,
  },
});
