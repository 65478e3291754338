import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** What users can import, by name. A change here is a change for them: it needs a line in CHANGELOG.md. */
it('exports these names and no others', async () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const surface: Record<string, readonly string[]> = {};
  for (const [subpath, target] of Object.entries(exports)) {
    // The register entry starts slowpath: importing it is its only use.
    if (typeof target === 'string' || subpath === './register') continue;
    surface[`slowpath${subpath.slice(1)}`] = Object.keys(
      await import(new URL(`../../${target.default}`, import.meta.url).href),
    ).toSorted();
  }
  expect(surface).toMatchInlineSnapshot(`
    {
      "slowpath": [
        "CacheManager",
        "PerformanceMonitor",
        "QueryAnalyzer",
        "SetupError",
        "cacheKeys",
        "cacheManager",
        "defineCounter",
        "defineKey",
        "hashKeyPart",
        "performanceMonitor",
        "queryAnalyzer",
        "start",
      ],
      "slowpath/analysis": [
        "QueryAnalyzer",
        "QueryGroups",
        "analyzeEndpoint",
        "findInRequest",
        "highFrequencyEndpoint",
        "lowCacheHitRate",
        "normalizeQuery",
        "requestDetectors",
      ],
      "slowpath/cache": [
        "CacheManager",
        "CacheTimeoutError",
        "CacheUsageError",
        "cacheKeys",
        "cacheManager",
        "defineCounter",
        "defineKey",
        "hashKeyPart",
      ],
      "slowpath/cache/redis": [
        "jsonSerializer",
        "redisStore",
      ],
      "slowpath/instrumentation": [
        "leanInstrumentation",
      ],
      "slowpath/processors": [
        "RequestSpanProcessor",
      ],
      "slowpath/testing": [
        "FakeClock",
        "MemoryStore",
        "MemoryStoreServer",
        "describeCacheStore",
        "drawnRequest",
        "renderTrace",
        "requestFromTrace",
        "rewriteAsBatch",
        "verifyRewrite",
      ],
    }
  `);
});
