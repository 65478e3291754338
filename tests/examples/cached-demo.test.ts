import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seed } from '../../examples/demo/seed.ts';
import { cacheDemoText } from '../../scripts/lib/cache-demo-text.ts';
import { CACHE_LOAD, cacheDemoRequests } from '../../scripts/lib/cache-demo-requests.ts';
import { runCacheDemo, simulateLookups } from '../../scripts/lib/cache-demo.ts';
import { cacheDemoNumbers, judgeCacheDemo } from '../../scripts/lib/judge-cache-demo.ts';
import { startPostgres } from '../../scripts/postgres.ts';

it(
  'halves the median response time with the hits that a simulation has, and changes no answer',
  { timeout: 180_000 },
  async () => {
    const postgres = await startPostgres({ url: process.env['SLOWPATH_TEST_DATABASE_URL'] });
    const folder = mkdtempSync(join(tmpdir(), 'slowpath-cache-demo-'));
    try {
      await seed(postgres.url, { usageRows: 10_000 });
      const options = { databaseUrl: postgres.url, folder, collectorUrl: undefined, onAnswer: () => undefined };
      const { off, on } = await runCacheDemo(options);

      expect(judgeCacheDemo(off, on, simulateLookups(cacheDemoRequests()))).toEqual([]);
      const numbers = cacheDemoNumbers(off, on);
      expect(numbers.requests).toBe(CACHE_LOAD.requests);
      // Of the planted service, a usage is 5 queries and a chat 12; what was found is none.
      const { caches } = on.report;
      const hitsOf = (pattern: string): number => caches.find((one) => one.pattern === pattern)?.hits ?? NaN;
      expect(numbers.queries[0] - numbers.queries[1]).toBe(
        5 * hitsOf('user:{userId}:usage') + 12 * hitsOf('answer:{questionHash}'),
      );
      expect(cacheDemoText(numbers, caches, [])).toContain(`look-up hit rate                     -      57.3 %`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await postgres.stop();
    }
  },
);
