import { defineConfig } from 'vitest/config';
import { testReporters } from './scripts/lib/test-reporters.ts';

/** Tests against the real Collector, Jaeger, Prometheus and PostgreSQL. The first run builds the first two, which takes minutes. */
export default defineConfig({
  test: {
    include: ['tests/stack/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts', 'tests/stack/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 90_000,
    // Every file starts servers of its own; two cores do not carry two such sets.
    maxWorkers: 1,
    ...testReporters('stack'),
  },
});
