import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../scripts/lib/free-ports.ts';
import { describeCacheStore } from '../../../testing/cache-store-contract.ts';
import { until } from '../../../testing/cache-store/contract-case.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';
import { openIoredis, openIoredisCluster } from './clients.mjs';
import { CLIENTS, createRedisPair } from './redis-pair.ts';

// A cluster of one: it refuses commands and scripts with keys of several slots as a larger one does.
const folder = mkdtempSync(join(tmpdir(), 'slowpath-redis-cluster-'));
const settings = {
  'cluster-enabled': 'yes',
  'cluster-announce-ip': '127.0.0.1',
  'cluster-port': String((await freePorts(1))[0]),
  dir: folder,
};
const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
const redis = await startRedisOrSkip({ args });
const url = redis?.url ?? '';
const words = { describe: describe.skipIf(redis === undefined), it };
const has = { bus: true, faults: true, maxItemBytes: 1024 * 1024 };

beforeAll(async () => {
  if (redis === undefined) return;
  const admin = await openIoredis(url);
  await admin.send('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await until(
    async () => String(await admin.send('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    'the cluster is up',
  );
  await admin.close();
});
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true });
});

describe.skipIf(redis === undefined)('the cluster of these tests', () => {
  it('refuses keys of two slots', async () => {
    const admin = await openIoredis(url);
    await expect(admin.send('MGET', 'a', 'b')).rejects.toThrow('CROSSSLOT');
    await admin.close();
  });
});

for (const [name, open] of [...CLIENTS, ['Cluster of ioredis', openIoredisCluster] as const]) {
  describeCacheStore(`redisStore on ${name}, with a Redis Cluster`, {
    ...words,
    has,
    create: () => createRedisPair(url, open),
  });
}
