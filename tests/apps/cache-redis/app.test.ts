import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { runApp } from '../../support/app-process.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';

const redis = await startRedisOrSkip({});
afterAll(() => redis?.stop());

describe.skipIf(redis === undefined).each(['ioredis', 'node-redis'])('a service with a cache on %s', (CLIENT) => {
  it('lets out no key, tag, value or secret, and ends when its client is closed', async () => {
    const env = { REDIS_URL: redis?.url ?? '', PREFIX: `app-${randomUUID()}`, CLIENT, SLOWPATH_REPORT: 'text' };
    const run = await runApp({ file: 'tests/apps/cache-redis/app.mjs', env }, async (url) => {
      for (const path of ['/compute', '/compute', '/invalidate', '/compute']) {
        expect((await fetch(url + path)).status).toBe(200);
      }
    });
    const { rawText } = run.receiver;
    expect(rawText).toContain('/invalidate');
    expect(rawText).toMatch(/evalsha|mget/i);
    expect(rawText).not.toContain('canary');
    expect(run.app.stderr).not.toMatch(/canary|slowpath: .*(?:fault|threw|caught)/i);
    expect(run.exit).toMatchObject({ code: 0, signal: null });
    expect(run.exit.elapsedMs).toBeLessThan(5000);
  });
});
