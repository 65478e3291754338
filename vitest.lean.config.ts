import { defineConfig } from 'vitest/config';
import { testReporters } from './scripts/lib/test-reporters.ts';

/** The tests of instrumentation once more, through the lean path: `npm test` runs them through the official one. */
export default defineConfig({
  test: {
    include: ['tests/instrumentation/**/*.test.ts', 'tests/examples/**/*.test.ts'],
    env: { SLOWPATH_TEST_INSTRUMENTATION: 'lean' },
    globalSetup: ['tests/support/global-setup.ts'],
    ...testReporters('lean'),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
