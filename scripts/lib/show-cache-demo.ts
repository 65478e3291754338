import { seed } from '../../examples/demo/seed.ts';
import { cacheDemoText } from './cache-demo-text.ts';
import { CACHE_LOAD, cacheDemoRequests } from './cache-demo-requests.ts';
import { runCacheDemo, simulateLookups, type CacheDemoRun } from './cache-demo.ts';
import { findCollector } from './find-collector.ts';
import { cacheDemoNumbers, judgeCacheDemo } from './judge-cache-demo.ts';
import { startProgress, type Progress } from './progress.ts';
import { withDemoDatabase } from './with-demo-database.ts';

const PHASES = 3;
/** Few enough for 800 requests to take seconds; the query that lacks its index is the costliest all the same. */
const USAGE_ROWS = 60_000;

/** `npm run demo -- --cache`: the same requests without a cache and with one. Sets the exit code to 1 if a promise is not kept. */
export async function showCacheDemo(json: boolean): Promise<void> {
  const progress = startProgress(PHASES + 2 * CACHE_LOAD.requests);
  const { off, on, collectorUrl } = await runBoth(progress).finally(() => progress.end());
  const simulated = simulateLookups(cacheDemoRequests());
  const numbers = cacheDemoNumbers(off, on);
  const problems = judgeCacheDemo(off, on, simulated);
  if (json) {
    const document = { load: CACHE_LOAD, simulated, numbers, problems, off: off.report, on: on.report, collectorUrl };
    console.log(JSON.stringify({ schemaVersion: 1, ...document }, undefined, 2));
  } else {
    console.log(cacheDemoText(numbers, on.report.caches, problems));
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

interface BothRuns {
  readonly off: CacheDemoRun;
  readonly on: CacheDemoRun;
  readonly collectorUrl: string | undefined;
}

async function runBoth(progress: Progress): Promise<BothRuns> {
  const collectorUrl = await findCollector(process.env);
  progress.phase('Starting PostgreSQL');
  return await withDemoDatabase(async (databaseUrl, folder) => {
    progress.phase('Seeding the database');
    await seed(databaseUrl, { usageRows: USAGE_ROWS });
    progress.phase(`Sending ${CACHE_LOAD.requests} requests without and with a cache`);
    const onAnswer = (): void => progress.step();
    return { ...(await runCacheDemo({ databaseUrl, folder, collectorUrl, onAnswer })), collectorUrl };
  });
}
